package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.WatchState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the watched namespaces are served. One where the API server refuses to show what the operator follows is not: nothing leaves
 * there until it is shown again. It holds up no other namespace.
 */
final class ServedNamespaces {
    private static final Logger LOG = LoggerFactory.getLogger(ServedNamespaces.class);

    private final Consumer<String> served;
    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final Map<String, List<WatchState>> followed = new ConcurrentHashMap<>();

    /**
     * What is known of a namespace.
     *
     * @param refusal the first one of what is followed there
     * @param isTakenOver whether what the former leader left there is known
     */
    private record State(Optional<WatchState.Refusal> refusal, boolean isTakenOver) {
        boolean isServed() {
            return refusal.isEmpty();
        }

        boolean isLed() {
            return isTakenOver && isServed();
        }
    }

    /**
     * Watched namespaces.
     *
     * @param namespaces empty = all
     * @param isAlone whether there is no former leader to take over from
     * @param served called each time a namespace is served, or led, from now on; empty = all of them
     */
    ServedNamespaces(Collection<String> namespaces, boolean isAlone, Consumer<String> served) {
        this.served = served;
        Collection<String> watched = namespaces.isEmpty() ? List.of("") : namespaces;
        watched.forEach(namespace -> states.put(namespace, new State(Optional.empty(), isAlone)));
    }

    /** Each is taken over by itself; one that is empty stands for all. */
    Collection<String> all() {
        return List.copyOf(states.keySet());
    }

    /**
     * From now on these are looked at.
     *
     * @param kinds what they are, for {@link #isSynced(String)}
     */
    void follow(String kinds, Collection<? extends WatchState> objects) {
        followed.put(kinds, List.copyOf(objects));
    }

    private Stream<WatchState> followed() {
        return followed.values().stream().flatMap(List::stream);
    }

    /** To be called about every second, by one thread: looks at what is followed, and says what has changed. */
    void look() {
        followed().forEach(WatchState::checkRefusal);
        states.keySet().forEach(namespace -> refused(namespace, refusal(namespace)));
    }

    private Optional<WatchState.Refusal> refusal(String namespace) {
        return followed()
                .filter(objects -> objects.namespace().equals(namespace))
                .map(WatchState::refusal)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private void refused(String namespace, Optional<WatchState.Refusal> now) {
        State before = state(namespace);
        if (before.refusal().equals(now)) {
            return;
        }
        State after = change(namespace, now, false);
        if (now.isPresent() == before.refusal().isPresent()) {
            return;
        }
        if (now.isPresent()) {
            LOG.warn(notServed(namespace, now.get()));
        } else {
            LOG.info("{} served again", namespace.isEmpty() ? "All namespaces are" : "Namespace " + namespace + " is");
        }
        if (after.isLed()) {
            served.accept(namespace);
        }
    }

    /** What the former leader left there is known. */
    void tookOver(String namespace) {
        if (change(namespace, state(namespace).refusal(), true).isLed()) {
            served.accept(namespace);
        }
    }

    private State change(String namespace, Optional<WatchState.Refusal> refusal, boolean tookOver) {
        return states.compute(
                namespace, (name, before) -> new State(refusal, tookOver || (before != null && before.isTakenOver())));
    }

    /** Whether Tasks of this namespace may be sent: it is served, and what the former leader left there is known. */
    boolean isLed(String namespace) {
        return state(namespace).isLed();
    }

    private State state(String namespace) {
        State state = states.get(namespace);
        return state != null ? state : states.getOrDefault("", new State(Optional.empty(), false));
    }

    /** Whether all objects of these kinds are followed, and each has been seen, or is refused. */
    boolean isSynced(String kinds) {
        List<WatchState> objects = followed.get(kinds);
        return objects != null && objects.stream().allMatch(ServedNamespaces::isSettled);
    }

    /** Whether all that is followed has been seen, or is refused, and not everything is refused. */
    boolean isSynced() {
        return followed().allMatch(ServedNamespaces::isSettled) && isAnyServed();
    }

    private static boolean isSettled(WatchState objects) {
        return objects.isSynced() || objects.refusal().isPresent();
    }

    /** Whether there is a namespace that refuses nothing. */
    boolean isAnyServed() {
        return states.keySet().stream().anyMatch(namespace -> refusal(namespace).isEmpty());
    }

    /** A line for each namespace that is not served. */
    List<String> complaints() {
        return new TreeMap<>(states)
                .entrySet().stream()
                        .flatMap(entry ->
                                entry.getValue().refusal().stream().map(refusal -> notServed(entry.getKey(), refusal)))
                        .toList();
    }

    /** Whether each namespace that the settings name is served. */
    Map<String, Boolean> byName() {
        var named = new TreeMap<String, Boolean>();
        states.forEach((namespace, state) -> {
            if (!namespace.isEmpty()) {
                named.put(namespace, state.isServed());
            }
        });
        return named;
    }

    private static String notServed(String namespace, WatchState.Refusal refusal) {
        String which = namespace.isEmpty() ? "No namespace is served" : "Namespace " + namespace + " is not served";
        return which + ": " + refusal;
    }
}

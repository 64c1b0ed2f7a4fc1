package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.WatchState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which of the watched namespaces are served. A namespace is not served while the API server refuses to list or watch there what the operator
 * needs: no Task leaves there until the API server shows it again. It delays no other namespace.
 */
final class ServedNamespaces {
    private static final Logger LOG = LoggerFactory.getLogger(ServedNamespaces.class);

    private final LongSupplier nanos;
    private final FailureStreak failures = new FailureStreak();
    private final Map<String, State> states = new ConcurrentHashMap<>();
    /** In the order in which they were followed, so that the refusal that is reported stays the same until it has ended. */
    private volatile Map<String, List<WatchState>> watchesByKind = Map.of();

    /**
     * The state of one namespace.
     *
     * @param refusal the first refusal among its watches
     * @param isTakenOver whether it is known what the former leader left there
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
     * Starts with all of them served.
     *
     * @param namespaces empty = all
     * @param isAlone whether there is no former leader to take over from
     * @param nanos the monotonic clock
     */
    ServedNamespaces(Collection<String> namespaces, boolean isAlone, LongSupplier nanos) {
        this.nanos = nanos;
        Collection<String> watched = namespaces.isEmpty() ? List.of("") : namespaces;
        watched.forEach(namespace -> states.put(namespace, new State(Optional.empty(), isAlone)));
    }

    /** The namespaces to take over, each by itself. An empty name stands for all namespaces. */
    Collection<String> all() {
        return List.copyOf(states.keySet());
    }

    /**
     * Checks these watches from now on.
     *
     * @param kinds names their objects, for {@link #isSynced(String)}
     */
    void follow(String kinds, Collection<? extends WatchState> watches) {
        var more = new LinkedHashMap<>(watchesByKind);
        more.put(kinds, List.copyOf(watches));
        watchesByKind = more;
    }

    private Stream<WatchState> watches() {
        return watchesByKind.values().stream().flatMap(List::stream);
    }

    /**
     * Called about every second, by one thread: checks all watches, and logs which namespaces are served no more or again.
     *
     * @return the namespaces in which this process leads again; empty name = all
     */
    List<String> check() {
        watches().forEach(WatchState::checkRefusal);
        logFailures();
        var ledAgain = new ArrayList<String>();
        for (String namespace : states.keySet()) {
            if (update(namespace, refusal(namespace))) {
                ledAgain.add(namespace);
            }
        }
        return ledAgain;
    }

    /** One line stands for all watches that the API server does not answer. */
    private void logFailures() {
        long now = nanos.getAsLong();
        Optional<String> why =
                watches().map(WatchState::failure).flatMap(Optional::stream).findFirst();
        if (why.isPresent()) {
            failures.failed(why.get(), now)
                    .ifPresent(lasting -> LOG.warn(
                            "Changes of Tasks, TaskQueues and Services are not seen at the moment{}: {}",
                            lasting,
                            why.get()));
        } else {
            failures.ended(now).ifPresent(after -> LOG.info("Changes are seen again, {}", after));
        }
    }

    private Optional<WatchState.Refusal> refusal(String namespace) {
        return watches()
                .filter(watch -> watch.namespace().equals(namespace))
                .map(WatchState::refusal)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Returns whether this process leads in the namespace again. */
    private boolean update(String namespace, Optional<WatchState.Refusal> now) {
        State before = state(namespace);
        if (before.refusal().equals(now)) {
            return false;
        }
        State after = change(namespace, now, false);
        if (now.isPresent()) {
            if (isOther(now.get(), before.refusal())) {
                LOG.warn(notServed(namespace, now.get()));
            }
            return false;
        }
        if (before.refusal().isPresent()) {
            LOG.info("{} served again", namespace.isEmpty() ? "All namespaces are" : "Namespace " + namespace + " is");
        }
        return after.isLed();
    }

    /** Whether the refusal needs another remedy than the one before. */
    private static boolean isOther(WatchState.Refusal now, Optional<WatchState.Refusal> before) {
        return before.isEmpty()
                || now.code() != before.get().code()
                || !now.resource().equals(before.get().resource());
    }

    /** It is known what the former leader left in the namespace. Returns whether this process leads there from now on. */
    boolean tookOver(String namespace) {
        return change(namespace, state(namespace).refusal(), true).isLed();
    }

    private State change(String namespace, Optional<WatchState.Refusal> refusal, boolean tookOver) {
        return states.compute(
                namespace, (name, before) -> new State(refusal, tookOver || (before != null && before.isTakenOver())));
    }

    /** Whether Tasks of this namespace may be sent: it is served and taken over. */
    boolean isLed(String namespace) {
        return state(namespace).isLed();
    }

    private State state(String namespace) {
        State state = states.get(namespace);
        return state != null ? state : states.getOrDefault("", new State(Optional.empty(), false));
    }

    /** Whether these kinds are watched, and each watch is synced or refused. */
    boolean isSynced(String kinds) {
        List<WatchState> watches = watchesByKind.get(kinds);
        return watches != null && watches.stream().allMatch(ServedNamespaces::isSyncedOrRefused);
    }

    /** Whether each watch is synced or refused, and at least one namespace is served. */
    boolean isSynced() {
        return watches().allMatch(ServedNamespaces::isSyncedOrRefused) && isAnyServed();
    }

    private static boolean isSyncedOrRefused(WatchState watch) {
        return watch.isSynced() || watch.refusal().isPresent();
    }

    /** Whether at least one namespace has no refused watch. */
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

    /** For each namespace that the settings name: whether it is served. */
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
        return which + ": " + refusal.text(namespace);
    }
}

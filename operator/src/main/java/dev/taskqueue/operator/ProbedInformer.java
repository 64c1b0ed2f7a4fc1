package dev.taskqueue.operator;

import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.domain.ApiAnswerText;
import dev.taskqueue.operator.domain.WatchState;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Finds out whether the API server refuses an informer of a library. Such an informer repeats its list and watch without end and does not say why
 * they fail. So while no watch is open, this sends the same requests itself.
 */
final class ProbedInformer implements WatchState {
    /**
     * The number of checks without a watch before the API server is asked. Watches are renewed every few minutes, which takes less than a second.
     */
    private static final int LOOKS_THAT_COUNT = 2;
    /** The number of checks after which an informer that receives nothing although the API server answers is reported. */
    private static final int LOOKS_WITHOUT_CAUSE = 30;

    private final Kind kind;
    private final String namespace;
    private final BooleanSupplier synced;
    private final BooleanSupplier watching;
    private final Cluster.RequestProbe probe;
    private int unwell;
    private volatile Optional<Refusal> refusal = Optional.empty();
    private volatile Optional<String> failure = Optional.empty();

    /**
     * The kind of the watched objects.
     *
     * @param name such as {@code taskqueues.taskqueue.dev}
     * @param api path of the API group and version, such as {@code /apis/taskqueue.dev/v1beta1}
     */
    record Kind(String name, String api) {
        static final Kind SERVICES = new Kind("services", "/api/v1");
        static final Kind SLICES = new Kind("endpointslices.discovery.k8s.io", "/apis/discovery.k8s.io/v1");
        static final Kind QUEUES = new Kind("taskqueues.taskqueue.dev", "/apis/" + ApiGroup.API_VERSION);

        private String path(String namespace) {
            String plural = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
            return api + (namespace.isEmpty() ? "/" : "/namespaces/" + namespace + "/") + plural;
        }
    }

    /**
     * Wraps one informer.
     *
     * @param namespace empty = all
     * @param probe must not repeat requests by itself
     */
    ProbedInformer(
            Kind kind, String namespace, BooleanSupplier synced, BooleanSupplier watching, Cluster.RequestProbe probe) {
        this.kind = kind;
        this.namespace = namespace;
        this.synced = synced;
        this.watching = watching;
        this.probe = probe;
    }

    @Override
    public String namespace() {
        return namespace;
    }

    @Override
    public boolean isSynced() {
        return synced.getAsBoolean();
    }

    @Override
    public Optional<Refusal> refusal() {
        return refusal;
    }

    @Override
    public Optional<String> failure() {
        return failure;
    }

    @Override
    public void checkRefusal() {
        if (isWatching()) {
            unwell = 0;
            refusal = Optional.empty();
            failure = Optional.empty();
            return;
        }
        unwell++;
        if (unwell >= LOOKS_THAT_COUNT) {
            failure = Optional.empty();
            refusal = List.of("list", "watch").stream()
                    .map(this::ask)
                    .flatMap(Optional::stream)
                    .findFirst();
            if (unwell >= LOOKS_WITHOUT_CAUSE && failure.isEmpty() && refusal.isEmpty()) {
                failure = Optional.of("the client library does not follow " + kind.name()
                        + " although the API server answers; restart the operator if this lasts");
            }
        }
    }

    private boolean isWatching() {
        try {
            return watching.getAsBoolean();
        } catch (NullPointerException stopped) {
            // Fabric8 throws this if somebody stops the informer while it looks for the watch.
            return false;
        }
    }

    private Optional<Refusal> ask(String verb) {
        // No object has this label.
        String query = verb.equals("list")
                ? "?limit=1&labelSelector=taskqueue.dev%2Fprobe"
                : "?watch=true&timeoutSeconds=1&labelSelector=taskqueue.dev%2Fprobe";
        int code = probe.code(kind.path(namespace) + query);
        if (code != 200 && !Refusal.isRefusal(code)) {
            failure = Optional.of(ApiAnswerText.of(code, verb, kind.name(), namespace));
        }
        return Refusal.isRefusal(code) ? Optional.of(new Refusal(verb, kind.name(), code)) : Optional.empty();
    }
}

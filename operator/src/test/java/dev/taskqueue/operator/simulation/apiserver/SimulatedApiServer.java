package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes API server for one thread. It answers each request at once, and keeps to the rules of a real one as far as this project's operator can
 * see them. Delays, failures and lost answers are the caller's part. Listeners must not call the server.
 */
public final class SimulatedApiServer {
    /** Changes of each kind that watches, stale reads and further pages of lists can go back. */
    public static final int USUAL_HISTORY = 20_000;

    private final ObjectStore store;
    private final AnswerHeaders headers;
    private final RequestHandler handler;
    private final AdmissionPolicies policies = new AdmissionPolicies();
    private final List<Consumer<StoredChange>> listeners = new ArrayList<>();
    private final OpenWatches watches = new OpenWatches();

    /**
     * An empty server.
     *
     * @param clock the time of the server
     * @param random for uids and generated names
     */
    public SimulatedApiServer(InstantSource clock, RandomGenerator random) {
        this(clock, random, USUAL_HISTORY);
    }

    /**
     * An empty server with a shorter or longer history.
     *
     * @param history the number of changes of each kind that are kept
     */
    public SimulatedApiServer(InstantSource clock, RandomGenerator random, int history) {
        this.store = new ObjectStore(history, this::changed);
        this.headers = new AnswerHeaders(clock);
        this.handler = new RequestHandler(store, clock, random, policies, headers);
    }

    /** Handles a request. A watch is opened by {@link #watch}. */
    public ApiAnswer handle(ApiRequest request) {
        return handleAsOf(request, store.version());
    }

    /**
     * Handles a request; a read that may be stale sees the objects of an older version. Versions that are forgotten count as the oldest known one.
     * Writes, further pages and reads of an exact version are handled as usual.
     */
    public ApiAnswer handleAsOf(ApiRequest request, long version) {
        try {
            return handler.answer(request, version);
        } catch (RequestFailure failure) {
            boolean isTimeout = failure.code() == 504;
            return new ApiAnswer(
                    failure.code(),
                    isTimeout ? headers.withRetryAfter(1) : headers.now(),
                    Json.bytes(failure.status()));
        }
    }

    /** Opens a watch of a collection. */
    public WatchAnswer watch(ApiRequest request) {
        try {
            RequestTarget target = RequestHandler.checkedTarget(request);
            if (!target.isCollection()) {
                throw RequestFailure.methodNotAllowed();
            }
            ServerWatch watch = ServerWatch.open(target, request, store);
            watches.add(watch);
            return new WatchAnswer.Opened(watch);
        } catch (RequestFailure failure) {
            return new WatchAnswer.Refused(new ApiAnswer(failure.code(), headers.now(), Json.bytes(failure.status())));
        }
    }

    /** Called at each stored change, in their order, before the watches learn of it. */
    public void onChange(Consumer<StoredChange> listener) {
        listeners.add(listener);
    }

    private void changed(ResourceKind kind, StoreEvent event, String user) {
        if (!listeners.isEmpty()) {
            ObjectNode shown = event.shown().tree();
            var change = new StoredChange(event.version(), event.change(), user, kind.kind(), shown);
            listeners.forEach(listener -> listener.accept(change));
        }
        watches.changed(kind, event);
    }

    /**
     * Adds an admission policy. It is asked before each write, once its body is known to be JSON and before anything is compared with stored objects.
     *
     * @param policy null = the write is allowed
     */
    public void admission(String name, Function<ApiRequest, @Nullable ApiAnswer> policy) {
        policies.put(name, policy);
    }

    public void removeAdmission(String name) {
        policies.remove(name);
    }

    /** Restarts the process: all watches end, and none can begin at an older version than that of now. */
    public void restart() {
        store.restart();
        watches.endAll();
    }

    /** Forgets all versions before now: older continue tokens and watches from older versions get 410. */
    public void compact() {
        store.compact();
    }

    public Snapshot snapshot() {
        return store.snapshot();
    }

    /** Goes back to a snapshot, with the versions, and restarts. Nobody is told of the changes. */
    public void restore(Snapshot snapshot) {
        store.restore(snapshot);
        watches.endAll();
    }

    /** The newest resourceVersion. */
    public long version() {
        return store.version();
    }

    /**
     * The number of objects.
     *
     * @param kind such as {@code Task}
     */
    public int count(String kind) {
        return (int) objects(kind).count();
    }

    /** All objects of a kind in the order of their keys. They must not be changed. */
    public Stream<ObjectNode> objects(String kind) {
        for (ResourceKind each : ResourceKind.values()) {
            if (each.kind().equals(kind)) {
                return store.objects(each).values().stream().map(StoredObject::tree);
            }
        }
        throw new IllegalArgumentException("no such kind: " + kind);
    }
}

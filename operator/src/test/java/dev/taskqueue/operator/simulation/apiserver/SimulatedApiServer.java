package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.ObjectWriter.Deletion;
import dev.taskqueue.operator.simulation.apiserver.ObjectWriter.Options;
import dev.taskqueue.operator.simulation.apiserver.ObjectWriter.Preconditions;
import dev.taskqueue.operator.simulation.apiserver.ObjectWriter.Written;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes API server for one thread. It answers each request at once, and keeps to the rules of a real one as far as this project's operator can
 * see them. Delays, failures and lost answers are the caller's part. Listeners must not call the server.
 */
public final class SimulatedApiServer {
    /** Changes of each kind that watches, stale reads and further pages of lists can go back. */
    public static final int USUAL_HISTORY = 20_000;

    private final ObjectStore store;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final TokenIssuer tokens;
    private final InstantSource clock;
    private final AnswerHeaders headers;
    private final Map<String, Function<ApiRequest, @Nullable ApiAnswer>> policies = new LinkedHashMap<>();
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

    /** @param history the number of changes of each kind that are kept */
    public SimulatedApiServer(InstantSource clock, RandomGenerator random, int history) {
        this.clock = clock;
        this.store = new ObjectStore(history, this::changed);
        this.reader = new ObjectReader(store);
        this.writer = new ObjectWriter(store, clock, random);
        this.tokens = new TokenIssuer(random);
        this.headers = new AnswerHeaders(clock);
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
            return answer(request, version);
        } catch (RequestFailure failure) {
            boolean isTimeout = failure.code() == 504;
            return new ApiAnswer(
                    failure.code(),
                    isTimeout ? headers.withRetryAfter(1) : headers.now(),
                    Json.bytes(failure.status()));
        }
    }

    private ApiAnswer answer(ApiRequest request, long version) {
        RequestTarget target = checkedTarget(request);
        if (request.method().equals("GET")) {
            byte[] body = target.isCollection()
                    ? reader.list(target, request, version)
                    : reader.get(target, request, version).json(request.wantsMetadataOnly());
            return ok(200, body);
        }
        boolean isCreation = request.method().equals("POST") && !target.isToken();
        boolean hasNoNamespace =
                target.kind().isNamespaced() && target.namespace().isEmpty();
        if (target.isCollection() != isCreation || hasNoNamespace) {
            throw RequestFailure.methodNotAllowed();
        }
        return write(target, request);
    }

    private static RequestTarget checkedTarget(ApiRequest request) {
        RequestTarget target = RequestTarget.of(request.path());
        if (!request.acceptsJson()) {
            throw RequestFailure.notAcceptable();
        }
        target.checkSubresource();
        return target;
    }

    private ApiAnswer write(RequestTarget target, ApiRequest request) {
        boolean hasObject = request.method().equals("POST") || request.method().equals("PUT");
        ObjectNode object = hasObject ? object(target, request) : Json.object();
        for (Function<ApiRequest, @Nullable ApiAnswer> policy : policies.values()) {
            ApiAnswer refusal = policy.apply(request);
            if (refusal != null) {
                return refusal;
            }
        }
        return switch (request.method()) {
            case "POST" ->
                target.isToken()
                        ? token(target, request, object)
                        : written(request, writer.create(target, object, options(request, object)));
            case "PUT" -> written(request, writer.replace(target, object, options(request, object)));
            case "PATCH" -> written(request, writer.patch(target, request, options(request, object)));
            case "DELETE" -> delete(target, request);
            default -> throw RequestFailure.methodNotAllowed();
        };
    }

    private ApiAnswer written(ApiRequest request, Written written) {
        return ok(written.isNew() ? 201 : 200, written.object().json(request.wantsMetadataOnly()));
    }

    private ApiAnswer token(RequestTarget target, ApiRequest request, ObjectNode body) {
        StoredObject account = reader.get(target, request, store.version());
        return ok(201, Json.bytes(tokens.issue(account, body, clock.instant().truncatedTo(ChronoUnit.SECONDS))));
    }

    private ApiAnswer delete(RequestTarget target, ApiRequest request) {
        ObjectNode body = request.body().length == 0 ? Json.object() : object(target, request);
        JsonNode wanted = body.path("preconditions");
        var preconditions = new Preconditions(
                wanted.path("uid").textValue(), wanted.path("resourceVersion").textValue());
        Deletion deletion = writer.delete(target, preconditions, options(request, body));
        boolean showsObject = !deletion.isGone() || target.kind().isShownWhenDeleted();
        return ok(
                200,
                showsObject
                        ? deletion.object().json(request.wantsMetadataOnly())
                        : Json.bytes(StatusObject.deleted(target.kind(), deletion.object())));
    }

    private static ObjectNode object(RequestTarget target, ApiRequest request) {
        if (!request.contentType().startsWith("application/json")
                && !request.contentType().isEmpty()) {
            throw RequestFailure.unsupportedMediaType();
        }
        String message = "the object provided is unrecognized (must be of type "
                + target.kind().kind() + ")";
        try {
            if (Json.read(request.body()) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException wrong) {
            throw RequestFailure.badRequest(message + ": couldn't get version/kind; json parse error");
        }
        throw RequestFailure.badRequest(message);
    }

    /** @param body of a deletion; its options count, too */
    private static Options options(ApiRequest request, ObjectNode body) {
        boolean isApply =
                request.method().equals("PATCH") && request.contentType().equals(Patches.APPLY);
        String manager = request.parameter("fieldManager");
        if (isApply && manager.isEmpty()) {
            throw invalidOptions(
                    request, "FieldValueRequired", "fieldManager", "Required value: is required for apply patch");
        }
        String dryRun = request.method().equals("DELETE") && body.has("dryRun")
                ? body.path("dryRun").path(0).asText()
                : request.parameter("dryRun");
        if (!dryRun.isEmpty() && !dryRun.equals("All")) {
            String message = "Unsupported value: [\"" + dryRun + "\"]: supported values: \"All\"";
            throw invalidOptions(request, "FieldValueNotSupported", "dryRun", message);
        }
        return new Options(request.user(), manager.isEmpty() ? request.user() : manager, !dryRun.isEmpty(), isApply);
    }

    private static RequestFailure invalidOptions(ApiRequest request, String reason, String field, String message) {
        String kind = switch (request.method()) {
            case "POST" -> "CreateOptions";
            case "PUT" -> "UpdateOptions";
            case "DELETE" -> "DeleteOptions";
            default -> "PatchOptions";
        };
        return RequestFailure.invalidRequest("meta.k8s.io", kind, new FieldError(reason, field, message));
    }

    private ApiAnswer ok(int code, byte[] body) {
        return new ApiAnswer(code, headers.now(), body);
    }

    /** Opens a watch of a collection. */
    public WatchAnswer watch(ApiRequest request) {
        try {
            RequestTarget target = checkedTarget(request);
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

    /** @param kind such as {@code Task} */
    public int count(String kind) {
        return (int) objects(kind).count();
    }

    /** All objects of a kind in the order of their keys. They must not be changed. */
    public java.util.stream.Stream<ObjectNode> objects(String kind) {
        for (ResourceKind each : ResourceKind.values()) {
            if (each.kind().equals(kind)) {
                return store.objects(each).values().stream().map(StoredObject::tree);
            }
        }
        throw new IllegalArgumentException("no such kind: " + kind);
    }
}

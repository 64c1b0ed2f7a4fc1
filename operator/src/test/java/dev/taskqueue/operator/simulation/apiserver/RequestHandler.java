package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.ObjectDeleter.Deletion;
import dev.taskqueue.operator.simulation.apiserver.ObjectDeleter.Preconditions;
import dev.taskqueue.operator.simulation.apiserver.ObjectWriter.Written;
import java.io.IOException;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Finds the verb for a request, and makes the answer of its result. */
final class RequestHandler {
    private final ObjectStore store;
    private final InstantSource clock;
    private final AdmissionPolicies policies;
    private final AnswerHeaders headers;
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final ObjectDeleter deleter;
    private final TokenIssuer tokens;

    RequestHandler(
            ObjectStore store,
            InstantSource clock,
            RandomGenerator random,
            AdmissionPolicies policies,
            AnswerHeaders headers) {
        this.store = store;
        this.clock = clock;
        this.policies = policies;
        this.headers = headers;
        var defaults = new BuiltInDefaults();
        this.reader = new ObjectReader(store);
        this.writer = new ObjectWriter(store, clock, random, defaults);
        this.deleter = new ObjectDeleter(store, clock, defaults);
        this.tokens = new TokenIssuer(random);
    }

    /**
     * Answers a request.
     *
     * @param version of the store that a read may see
     */
    ApiAnswer answer(ApiRequest request, long version) {
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

    static RequestTarget checkedTarget(ApiRequest request) {
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
        ApiAnswer refusal = policies.refusal(request);
        if (refusal != null) {
            return refusal;
        }
        return switch (request.method()) {
            case "POST" ->
                target.isToken()
                        ? token(target, request, object)
                        : written(request, writer.create(target, object, WriteOptions.of(request, object)));
            case "PUT" -> written(request, writer.replace(target, object, WriteOptions.of(request, object)));
            case "PATCH" -> written(request, writer.patch(target, request, WriteOptions.of(request, object)));
            case "DELETE" -> delete(target, request);
            default -> throw RequestFailure.methodNotAllowed();
        };
    }

    private ApiAnswer written(ApiRequest request, Written written) {
        return ok(written.isNew() ? 201 : 200, written.object().json(request.wantsMetadataOnly()));
    }

    private ApiAnswer token(RequestTarget target, ApiRequest request, ObjectNode body) {
        StoredObject account = reader.get(target, request, store.version());
        return ok(201, Json.bytes(tokens.issue(account, body, Times.now(clock))));
    }

    private ApiAnswer delete(RequestTarget target, ApiRequest request) {
        ObjectNode body = request.body().length == 0 ? Json.object() : object(target, request);
        Deletion deletion = deleter.delete(target, Preconditions.of(body), WriteOptions.of(request, body));
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

    private ApiAnswer ok(int code, byte[] body) {
        return new ApiAnswer(code, headers.now(), body);
    }
}

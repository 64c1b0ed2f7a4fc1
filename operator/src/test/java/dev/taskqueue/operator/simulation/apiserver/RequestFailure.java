package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The reason why a request is refused. It leaves this package only as an answer. */
final class RequestFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;
    private final transient ObjectNode status;

    private RequestFailure(int code, String reason, String message) {
        super(message, null, false, false);
        this.code = code;
        this.status = StatusObject.failure(code, reason, message);
    }

    int code() {
        return code;
    }

    ObjectNode status() {
        return status;
    }

    static RequestFailure badRequest(String message) {
        return new RequestFailure(400, "BadRequest", message);
    }

    static RequestFailure notFound(ResourceKind kind, String name) {
        return new RequestFailure(404, "NotFound", kind.resource() + " \"" + name + "\" not found")
                .about(name, kind.group(), kind.plural());
    }

    static RequestFailure noSuchResource() {
        return new RequestFailure(404, "NotFound", "the server could not find the requested resource");
    }

    static RequestFailure methodNotAllowed() {
        return new RequestFailure(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    static RequestFailure notAcceptable() {
        return new RequestFailure(
                406, "NotAcceptable", "only the following media types are accepted: application/json");
    }

    static RequestFailure alreadyExists(ResourceKind kind, String name, boolean isBeingDeleted) {
        String still = isBeingDeleted ? "object is being deleted: " : "";
        return new RequestFailure(409, "AlreadyExists", still + kind.resource() + " \"" + name + "\" already exists")
                .about(name, kind.group(), kind.plural());
    }

    /** The resourceVersion or the uid in the object of a write is not that of the stored object. */
    static RequestFailure conflict(ResourceKind kind, String name, String why) {
        return new RequestFailure(
                        409,
                        "Conflict",
                        "Operation cannot be fulfilled on " + kind.resource() + " \"" + name + "\": " + why)
                .about(name, kind.group(), kind.plural());
    }

    static String uidMismatch(String wanted, String actual) {
        return "Precondition failed: UID in precondition: " + wanted + ", UID in object meta: " + actual;
    }

    /** A precondition of a delete is not met. Kubernetes names the kind here, not the resource. */
    static RequestFailure preconditionFailed(ResourceKind kind, String name, String why) {
        return new RequestFailure(
                        409,
                        "Conflict",
                        "Operation cannot be fulfilled on " + kind.groupKind() + " \"" + name + "\": " + why)
                .about(name, kind.group(), kind.kind());
    }

    static RequestFailure tooOld(String message) {
        return new RequestFailure(410, "Expired", message);
    }

    static RequestFailure unsupportedMediaType() {
        return new RequestFailure(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
    }

    /** A field has a value that it must not have. */
    static RequestFailure invalid(ResourceKind kind, String name, FieldError error) {
        return invalid(kind.groupKind(), name, error)
                .about(name, kind.group(), kind.kind())
                .because(error);
    }

    /** The object is of another kind than the path. Kubernetes names the wrong one. */
    static RequestFailure wrongKind(ResourceKind kind, String given, String name) {
        var error =
                new FieldError("FieldValueInvalid", "kind", "Invalid value: \"" + given + "\": must be " + kind.kind());
        return invalid(given + "." + kind.group(), name, error)
                .about(name, kind.group(), given)
                .because(error);
    }

    /** A write names no version, though this kind requires one. Kubernetes names the resource here, not the kind. */
    static RequestFailure versionMissing(ResourceKind kind, String name) {
        var error = new FieldError(
                "FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update");
        return invalid(kind.resource(), name, error)
                .about(name, kind.group(), kind.plural())
                .because(error);
    }

    /** The options or the body of a request that is not about a stored object are invalid. */
    static RequestFailure invalidRequest(String group, String kind, FieldError error) {
        return invalid(kind + "." + group, "", error).about("", group, kind).because(error);
    }

    private static RequestFailure invalid(String what, String name, FieldError error) {
        return new RequestFailure(
                422, "Invalid", what + " \"" + name + "\" is invalid: " + error.field() + ": " + error.message());
    }

    static RequestFailure unusablePatch() {
        return new RequestFailure(422, "Invalid", "the server rejected our request due to an error in our request");
    }

    /** A case in which the real server has no better code either. */
    static RequestFailure internal(String message) {
        return new RequestFailure(500, "", message);
    }

    static RequestFailure tooLarge(long wanted, long current) {
        var failure = new RequestFailure(
                504, "Timeout", "Timeout: Too large resource version: " + wanted + ", current: " + current);
        ObjectNode details = failure.status.putObject("details").put("retryAfterSeconds", 1);
        StatusObject.cause(details, "ResourceVersionTooLarge", "Too large resource version", "");
        return failure;
    }

    /**
     * A field that makes an object invalid.
     *
     * @param reason such as {@code FieldValueInvalid}
     */
    record FieldError(String reason, String field, String message) {}

    private RequestFailure about(String name, String group, String kind) {
        StatusObject.details(status, name, group, kind);
        return this;
    }

    private RequestFailure because(FieldError error) {
        StatusObject.cause((ObjectNode) status.get("details"), error.reason(), error.message(), error.field());
        return this;
    }
}

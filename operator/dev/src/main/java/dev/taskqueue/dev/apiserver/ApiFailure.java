package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The refusal of a request, in the form of an API server: an HTTP code, a reason for machines and a sentence. */
final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;
    private final transient List<Cause> causes;
    private final transient @Nullable Subject subject;

    /** The object that was refused; kubectl prints its name. */
    private record Subject(String group, String kind, String name) {}

    /** One wrong field. */
    record Cause(String reason, String field, String message) {
        @Override
        public String toString() {
            return field + ": " + message;
        }
    }

    private ApiFailure(int code, String reason, String message, List<Cause> causes, @Nullable Subject subject) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.causes = causes;
        this.subject = subject;
    }

    static ApiFailure of(int code, String reason, String message) {
        return new ApiFailure(code, reason, message, List.of(), null);
    }

    /** A failure of one object. Clients tell it from a path that does not exist by these details, whose kind is the plural. */
    private static ApiFailure of(int code, String reason, String message, ResourceType type, String name) {
        return new ApiFailure(code, reason, message, List.of(), new Subject(type.group(), type.plural(), name));
    }

    static ApiFailure badRequest(String message) {
        return of(400, "BadRequest", message);
    }

    static ApiFailure noSuchPath() {
        return of(404, "NotFound", "the server could not find the requested resource");
    }

    static ApiFailure notFound(ResourceType type, String name) {
        return of(404, "NotFound", type.qualifiedPlural() + " \"" + name + "\" not found", type, name);
    }

    static ApiFailure alreadyExists(ResourceType type, String name) {
        return of(409, "AlreadyExists", type.qualifiedPlural() + " \"" + name + "\" already exists", type, name);
    }

    static ApiFailure conflict(ResourceType type, String name, String why) {
        return of(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + type.qualifiedPlural() + " \"" + name + "\": " + why);
    }

    /** The requested version is no longer known, or not yet. The client must list again. */
    static ApiFailure expired(long version) {
        return of(410, "Expired", "too old resource version: " + version);
    }

    static ApiFailure invalid(ResourceType type, @Nullable String name, List<Cause> causes) {
        String all = causes.size() == 1 ? causes.getFirst().toString() : causes.toString();
        String qualified = type.kind() + (type.group().isEmpty() ? "" : "." + type.group());
        return new ApiFailure(
                422,
                "Invalid",
                qualified + " \"" + (name == null ? "" : name) + "\" is invalid: " + all,
                List.copyOf(causes),
                new Subject(type.group(), type.kind(), name == null ? "" : name));
    }

    int code() {
        return code;
    }

    List<Cause> causes() {
        return causes;
    }

    /** The body of the answer, a {@code Status}. */
    ObjectNode status() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure")
                .put("message", getMessage())
                .put("reason", reason)
                .put("code", code);
        if (subject != null) {
            ObjectNode details = status.putObject("details")
                    .put("name", subject.name())
                    .put("group", subject.group())
                    .put("kind", subject.kind());
            if (!causes.isEmpty()) {
                var list = details.putArray("causes");
                causes.forEach(cause -> list.addObject()
                        .put("reason", cause.reason())
                        .put("field", cause.field())
                        .put("message", cause.message()));
            }
        }
        return status;
    }
}

package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;

/**
 * How to write.
 *
 * @param manager for managedFields
 * @param dryRun whether nothing is stored
 * @param apply whether this is a server-side apply
 */
record WriteOptions(String user, String manager, boolean dryRun, boolean apply) {
    /** For what the server creates itself. */
    static final WriteOptions OF_CONTROLLER = new WriteOptions("system:controller", "system:controller", false, false);

    /** @param body of a deletion; its options count, too */
    static WriteOptions of(ApiRequest request, ObjectNode body) {
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
        return new WriteOptions(
                request.user(), manager.isEmpty() ? request.user() : manager, !dryRun.isEmpty(), isApply);
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
}

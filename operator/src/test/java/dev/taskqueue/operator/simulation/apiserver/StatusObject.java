package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The objects of kind Status, with which Kubernetes answers failures and deletions. */
final class StatusObject {
    private StatusObject() {}

    static ObjectNode failure(int code, String reason, String message) {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", message);
        if (!reason.isEmpty()) {
            status.put("reason", reason);
        }
        return status.put("code", code);
    }

    static ObjectNode deleted(ResourceKind kind, StoredObject object) {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Success");
        details(status, object.name(), kind.group(), kind.plural()).put("uid", object.uid());
        return status;
    }

    static ObjectNode details(ObjectNode status, String name, String group, String kind) {
        ObjectNode details = status.putObject("details");
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!group.isEmpty()) {
            details.put("group", group);
        }
        return details.put("kind", kind);
    }

    static void cause(ObjectNode details, String reason, String message, String field) {
        ObjectNode cause = details.withArray("/causes").addObject();
        cause.put("reason", reason).put("message", message);
        if (!field.isEmpty()) {
            cause.put("field", field);
        }
    }
}

package dev.taskqueue.operator.simulation.apiserver;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds of objects that the server stores, and what is special about each. */
enum ResourceKind {
    NAMESPACE("", "v1", "namespaces", "Namespace"),
    SERVICE_ACCOUNT("", "v1", "serviceaccounts", "ServiceAccount"),
    SERVICE("", "v1", "services", "Service"),
    SECRET("", "v1", "secrets", "Secret"),
    CONFIG_MAP("", "v1", "configmaps", "ConfigMap"),
    ENDPOINT_SLICE("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    LEASE("coordination.k8s.io", "v1", "leases", "Lease"),
    TASK_QUEUE("taskqueue.dev", "v1beta1", "taskqueues", "TaskQueue"),
    TASK("taskqueue.dev", "v1beta1", "tasks", "Task"),
    TASK_BATCH("taskqueue.dev", "v1beta1", "taskbatches", "TaskBatch");

    private static final Map<String, ResourceKind> BY_RESOURCE = new HashMap<>();

    static {
        for (ResourceKind kind : values()) {
            BY_RESOURCE.put(kind.apiVersion + "/" + kind.plural, kind);
        }
    }

    private final String group;
    private final String apiVersion;
    private final String plural;
    private final String kind;
    /** Null for the kinds of Kubernetes itself. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final @Nullable CustomSchema schema;

    ResourceKind(String group, String version, String plural, String kind) {
        this.group = group;
        this.apiVersion = group.isEmpty() ? version : group + "/" + version;
        this.plural = plural;
        this.kind = kind;
        this.schema = group.equals("taskqueue.dev") ? CustomSchema.read(plural + "." + group) : null;
    }

    static @Nullable ResourceKind of(String apiVersion, String plural) {
        return BY_RESOURCE.get(apiVersion + "/" + plural);
    }

    String group() {
        return group;
    }

    String apiVersion() {
        return apiVersion;
    }

    String plural() {
        return plural;
    }

    String kind() {
        return kind;
    }

    @Nullable CustomSchema schema() {
        return schema;
    }

    boolean isCustom() {
        return schema != null;
    }

    /** The resource as messages name it, such as {@code tasks.taskqueue.dev}. */
    String resource() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /** The kind as messages name it, such as {@code Task.taskqueue.dev}. */
    String groupKind() {
        return group.isEmpty() ? kind : kind + "." + group;
    }

    boolean isNamespaced() {
        return this != NAMESPACE;
    }

    boolean hasStatusSubresource() {
        return isCustom();
    }

    boolean hasGeneration() {
        return isCustom() || this == ENDPOINT_SLICE;
    }

    /** Whether a PUT must name the version that it replaces. Of the others, the last write wins. */
    boolean requiresVersion() {
        return isCustom() || this == LEASE;
    }

    /** Whether a PUT to a name that does not exist creates the object. */
    boolean isCreatedByPut() {
        return this == LEASE;
    }

    /** Whether the answer to a deletion is the object, not a Status. */
    boolean isShownWhenDeleted() {
        return this == NAMESPACE || this == SERVICE_ACCOUNT || this == SERVICE;
    }

    boolean isSelectable(String field) {
        return field.equals("metadata.name")
                || field.equals("metadata.namespace")
                || (schema != null && schema.selectableFields().contains(field));
    }
}

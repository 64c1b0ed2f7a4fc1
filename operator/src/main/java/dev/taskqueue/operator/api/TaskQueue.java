package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Default;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A queue: how fast, how often and where its Tasks are delivered. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("TaskQueue")
@Plural("taskqueues")
@ShortNames("tq")
@Categories({"taskqueue-all", "all"})
@JsonClassDescription("""
        A queue of Tasks of its namespace: how fast they are sent, how often a failed one is tried again, where \
        to, and how long finished ones stay. Tasks name it in spec.queueRef. Example: kubectl get taskqueues shows \
        how each stands.""")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "Rate", jsonPath = ".spec.rateLimits.maxDispatchesPerSecond")
@AdditionalPrinterColumn(
        name = "Concurrency",
        jsonPath = ".spec.rateLimits.maxConcurrentDispatches",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Tasks", jsonPath = ".status.stats.tasks", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Dispatching",
        jsonPath = ".status.stats.dispatching",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Blocked",
        jsonPath = ".status.stats.blocked",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Enforced", jsonPath = ".status.stats.enforcedDispatchesPerSecond", priority = 1)
@AdditionalPrinterColumn(
        name = "Oldest",
        jsonPath = ".status.stats.oldestDueTime",
        type = AdditionalPrinterColumn.Type.DATE,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Failed",
        jsonPath = ".status.stats.failedRetained",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason", priority = 1)
public final class TaskQueue extends CustomResource<TaskQueueSpec, TaskQueueStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /** Never null in what an API server hands out: it has a default. */
    @Override
    @Default("{}")
    @JsonPropertyDescription("""
            The settings of the queue. Every field has a default, so an empty spec is a queue of 500 Tasks a second. \
            Changes take effect at once and never lose a Task. Example: {rateLimits: {maxDispatchesPerSecond: \
            25}}.""")
    public TaskQueueSpec getSpec() {
        return super.getSpec();
    }

    /** Flux and Helm count an object without conditions as ready. The default makes them wait until the operator has handled the queue. */
    @Override
    @Default("""
            {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "Pending", "message": "The operator has \
            not looked at it yet.", "lastTransitionTime": "1970-01-01T00:00:00Z"}]}""")
    @JsonPropertyDescription("""
            The status of the queue. The operator writes it; users do not. Default: condition Ready is Unknown. \
            Example: {state: Running}.""")
    public @Nullable TaskQueueStatus getStatus() {
        return super.getStatus();
    }
}

package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** Up to 1,000 HTTP requests to be delivered through a TaskQueue. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("TaskBatch")
@Plural("taskbatches")
@ShortNames("tbatch")
@Categories("taskqueue-all")
@JsonClassDescription("""
        Up to 1000 HTTP requests in one object. They share a template, and each is sent through a TaskQueue like a \
        Task: at or after its time, until it succeeds or fails for good, at least once. The object's name is the \
        identity of the whole batch: a second create with the same name is refused while the first is kept. Deleting \
        it cancels it. Example: kubectl wait --for=condition=Finished taskbatches.taskqueue.dev/invoices-2026-11.""")
@AdditionalPrinterColumn(name = "Queue", jsonPath = ".spec.queueRef.name")
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Succeeded\")].reason")
@AdditionalPrinterColumn(name = "Done", jsonPath = ".status.progress")
@AdditionalPrinterColumn(
        name = "Failed",
        jsonPath = ".status.counts.failed",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Backing-Off",
        jsonPath = ".status.counts.backingOff",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Next", jsonPath = ".status.nextAttemptTime")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Succeeded",
        jsonPath = ".status.counts.succeeded",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Skipped",
        jsonPath = ".status.counts.skipped",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Completed",
        jsonPath = ".status.completionTime",
        type = AdditionalPrinterColumn.Type.DATE,
        priority = 1)
@AdditionalSelectableField(jsonPath = ".spec.queueRef.name")
@AdditionalSelectableField(jsonPath = ".status.state")
public final class TaskBatch extends CustomResource<TaskBatchSpec, TaskBatchStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /** Never null in what an API server hands out: it is required. */
    @Override
    @Required
    @JsonPropertyDescription("""
            What is sent, through which queue and when. It never changes after creation; the annotations \
            taskqueue.dev/run-now, taskqueue.dev/redrive, taskqueue.dev/hold and taskqueue.dev/cancel act on the \
            batch. Required. Example: {queueRef: {name: order-tasks}, template: {httpRequest: {path: /invoice}}, \
            count: 100}.""")
    public TaskBatchSpec getSpec() {
        return super.getSpec();
    }

    /** As for a Task: a status without condition Accepted has not been written by an operator. */
    @Override
    @Default("""
            {"conditions": [{"type": "Succeeded", "status": "Unknown", "reason": "Pending", "message": "The operator \
            has not reported on it yet.", "lastTransitionTime": "1970-01-01T00:00:00Z"}]}""")
    @JsonPropertyDescription("""
            The status of the batch. The operator writes it; users do not. Default: state Pending, and condition \
            Succeeded is Unknown. Example: {state: Running, progress: 431/1000}.""")
    public @Nullable TaskBatchStatus getStatus() {
        return super.getStatus();
    }
}

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

/** One HTTP request to be delivered through a TaskQueue. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("Task")
@Plural("tasks")
@ShortNames("qtask")
@Categories("taskqueue-all")
@JsonClassDescription("""
        One HTTP request to a Service of its namespace, sent through a TaskQueue at or after its time until it \
        succeeds or fails for good: at least once, so handlers must stand repetition. Its name is its identity: a \
        second create with the same name is refused while the first is kept. Deleting it cancels it. Example: \
        kubectl wait --for=condition=Finished tasks.taskqueue.dev/order-4711-invoice.""")
@AdditionalPrinterColumn(name = "Queue", jsonPath = ".spec.queueRef.name")
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Succeeded\")].reason")
@AdditionalPrinterColumn(
        name = "Attempts",
        jsonPath = ".status.dispatchCount",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Code",
        jsonPath = ".status.lastAttempt.statusCode",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Next", jsonPath = ".status.nextAttemptTime")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Target", jsonPath = ".spec.httpRequest.serviceRef.name", priority = 1)
@AdditionalPrinterColumn(
        name = "Completed",
        jsonPath = ".status.completionTime",
        type = AdditionalPrinterColumn.Type.DATE,
        priority = 1)
@AdditionalSelectableField(jsonPath = ".spec.queueRef.name")
@AdditionalSelectableField(jsonPath = ".status.state")
public final class Task extends CustomResource<TaskSpec, TaskStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    /** Never null in what an API server hands out: it is required. */
    @Override
    @Required
    @JsonPropertyDescription("""
            What is sent, through which queue and when. It never changes after creation; the annotations \
            taskqueue.dev/run-now and taskqueue.dev/redrive send it now or again. Required. Example: {queueRef: \
            {name: order-tasks}, httpRequest: {serviceRef: {name: order-worker}}}.""")
    public TaskSpec getSpec() {
        return super.getSpec();
    }

    /** The default says in words what state Pending means. It has no condition Accepted, so the operator takes it for a status without conditions. */
    @Override
    @Default("""
            {"conditions": [{"type": "Succeeded", "status": "Unknown", "reason": "Pending", "message": "The operator \
            has not reported on it yet.", "lastTransitionTime": "1970-01-01T00:00:00Z"}]}""")
    @JsonPropertyDescription("""
            The status of the Task. The operator writes it; users do not. Default: state Pending, and condition \
            Succeeded is Unknown. Example: {state: Scheduled}.""")
    public @Nullable TaskStatus getStatus() {
        return super.getStatus();
    }
}

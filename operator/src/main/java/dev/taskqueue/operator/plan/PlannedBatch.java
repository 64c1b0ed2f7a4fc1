package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.TaskBatchSpec;
import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.TaskDraft;
import dev.taskqueue.operator.task.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TaskBatch of a manifest.
 *
 * @param items how many there are; 0 if it would be refused
 * @param firstDue when its first item is due
 * @param lastDue when its last item is due
 */
record PlannedBatch(
        ManifestObject declared,
        BatchObject batch,
        int items,
        Instant firstDue,
        Instant lastDue,
        List<Finding> findings) {

    static PlannedBatch of(ManifestObject declared, TaskDraft.Limits limits, Instant now) {
        JsonNode spec = declared.object().path("spec");
        StrictReader<TaskBatchSpec> strict = StrictReader.read(spec, TaskBatchSpec.class);
        var findings = new ArrayList<>(strict.findings());
        if (strict.spec() != null) {
            findings.addAll(SchemaBounds.check(strict.spec()));
        }
        BatchObject batch = BatchReader.read(asCreated(declared, now));
        if (findings.stream().noneMatch(Finding::isError)) {
            switch (ItemListReader.read(batch, spec, limits.maxScheduleAhead())) {
                case ItemList.Result.Read(ItemList items) -> {
                    return read(declared, batch, items, now, findings);
                }
                case ItemList.Result.Invalid(String problem) -> findings.add(Finding.error("InvalidSpec", problem));
            }
        }
        return new PlannedBatch(declared, batch, 0, now, now, findings);
    }

    private static PlannedBatch read(
            ManifestObject declared, BatchObject batch, ItemList items, Instant now, List<Finding> findings) {
        Instant batchDue = batch.dueAt(now);
        Instant first = items.dueAt(0, now, batchDue);
        Instant last = first;
        for (int i = 1; i < items.total(); i++) {
            Instant due = items.dueAt(i, now, batchDue);
            first = due.isBefore(first) ? due : first;
            last = due.isAfter(last) ? due : last;
        }
        Instant expireAt = batch.expireAt();
        if (expireAt != null && !expireAt.isAfter(last)) {
            findings.add(Finding.warning(
                    "ExpiresBeforeDue",
                    "spec.expireTime %s is not after its last item is due, so that item is never sent: set a later one."
                            .formatted(batch.spec().expireTime())));
        }
        return new PlannedBatch(declared, batch, items.total(), first, last, findings);
    }

    /** The object with the fields that the API server adds. */
    private static ObjectNode asCreated(ManifestObject declared, Instant now) {
        ObjectNode created = declared.object().deepCopy();
        created.remove("status");
        created.withObject("metadata")
                .put("name", declared.name())
                .put("uid", "none")
                .put("resourceVersion", "1")
                .put("creationTimestamp", Times.formatSeconds(now));
        return created;
    }

    QueueId queue() {
        return batch.queue();
    }

    /** Checks what depends on the queue and the Service, if they are in the manifests. */
    void meet(@Nullable PlannedQueue queue, ManifestServices services) {
        HttpTarget target =
                queue == null || queue.spec() == null ? null : queue.spec().httpTarget();
        HttpRequest request = EffectiveRequest.merged(batch.spec().request(), target);
        // What the queue names is told once, for the queue.
        if (target == null || !Objects.equals(request.serviceRef(), target.serviceRef())) {
            services.problem(declared.namespace(), request.serviceRef()).ifPresent(findings::add);
        }
        if (queue == null) {
            findings.add(Finding.warning(
                    "QueueNotInManifest",
                    "TaskQueue %s is not in these files: unless it exists already, the batch waits with QueueNotFound."
                            .formatted(queue())));
        } else if (queue.spec() != null && items > 0 && request.serviceRef() == null) {
            findings.add(
                    Finding.warning(
                            "TargetNotFound",
                            "Neither the template nor its queue's httpTarget names a serviceRef, so it waits: name one in the queue."));
        }
    }

    /** How many items it has, and when they are due, for people. */
    String due(Instant now) {
        if (items == 0) {
            return "never: refused";
        }
        String first =
                firstDue.isAfter(now) ? format(Duration.between(now, firstDue)) + " after its creation" : "at once";
        return Numbers.count(items, "item") + ", "
                + (lastDue.isAfter(firstDue)
                        ? "from " + first + " to " + format(Duration.between(now, lastDue)) + " after its creation"
                        : first);
    }
}

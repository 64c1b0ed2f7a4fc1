package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.task.TaskDraft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queues, Tasks and TaskBatches of manifests, with the findings about them.
 *
 * @param skipped objects of other kinds
 * @param findings about the manifests as a whole
 * @param predictions what the queues will do that would not be refused
 * @param batchesGone how long the TaskBatches of a queue take, after the last of their items is due
 * @param now when the Tasks are taken to be created
 */
record Plan(
        List<PlannedQueue> queues,
        List<PlannedTask> tasks,
        List<PlannedBatch> batches,
        List<String> skipped,
        List<Finding> findings,
        Map<PlannedQueue, Prediction> predictions,
        Map<PlannedQueue, Forecast> batchesGone,
        Instant now) {
    /** This many Tasks of a queue are listed, and all Tasks with findings. */
    static final int LISTED = 10;

    static Plan of(List<ManifestObject> objects, TaskDraft.Limits limits, Instant now) {
        var plan = new Plan(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new IdentityHashMap<>(),
                new IdentityHashMap<>(),
                now);
        Set<QueueId> sendOn = sendOn(objects);
        Set<String> names = new HashSet<>();
        for (ManifestObject declared : objects) {
            List<Finding> ofObject = new ArrayList<>();
            if (declared.is("TaskQueue")) {
                PlannedQueue queue = PlannedQueue.of(declared, sendOn::contains);
                plan.queues.add(queue);
                ofObject = queue.findings();
            } else if (declared.is("Task")) {
                PlannedTask task = PlannedTask.of(declared, limits, now);
                plan.tasks.add(task);
                ofObject = task.findings();
            } else if (declared.is("TaskBatch")) {
                PlannedBatch batch = PlannedBatch.of(declared, limits, now);
                plan.batches.add(batch);
                ofObject = batch.findings();
            } else {
                if (!ManifestServices.isService(declared)) {
                    plan.skipped.add(declared.toString());
                }
                continue;
            }
            ofObject.addAll(MetadataChecks.of(declared));
            if (!declared.isNamedByTheServer() && !names.add(declared.toString())) {
                ofObject.add(Finding.warning(
                        "DuplicateName",
                        declared + " is in these files twice: kubectl create refuses the second as AlreadyExists."));
            }
        }
        plan.meet(new ManifestServices(objects));
        plan.applied();
        return plan;
    }

    /** The queues that have a dead-letter queue. */
    private static Set<QueueId> sendOn(List<ManifestObject> objects) {
        return objects.stream()
                .filter(declared -> declared.is("TaskQueue")
                        && declared.object().path("spec").hasNonNull("deadLetter"))
                .map(declared -> new QueueId(declared.namespace(), declared.name()))
                .collect(Collectors.toSet());
    }

    /** Computes what the queues will do, and adds what is easily overlooked in it. Called once. */
    void predict(PlanArguments arguments, EngineLimits engine, TaskDraft.Limits limits) {
        for (PlannedQueue queue : queues) {
            if (queue.profile() != null) {
                Prediction prediction = Prediction.of(queue.profile(), arguments, engine);
                predictions.put(queue, prediction);
                queue.check(prediction, arguments.load(), limits);
                predictBatches(queue, prediction, arguments, engine);
            }
        }
    }

    /** The items of all its batches are taken as one backlog. */
    private void predictBatches(
            PlannedQueue queue, Prediction prediction, PlanArguments arguments, EngineLimits engine) {
        int items = batchesOf(queue).stream().mapToInt(PlannedBatch::items).sum();
        if (items > 0 && prediction.backlog() != null) {
            var load = new Forecast.Load(items, arguments.load().handler());
            batchesGone.put(
                    queue, Forecast.of(Prediction.running(prediction.profile().settings()), load, engine));
        }
    }

    /** Null if the queue has none, or if they cannot be predicted. */
    @Nullable Forecast batchesGone(PlannedQueue queue) {
        return batchesGone.get(queue);
    }

    /** Null for a queue that would be refused. */
    @Nullable Prediction prediction(PlannedQueue queue) {
        return predictions.get(queue);
    }

    private void meet(ManifestServices services) {
        Map<QueueId, PlannedQueue> known = new LinkedHashMap<>();
        queues.forEach(queue -> known.putIfAbsent(queue.id(), queue));
        for (PlannedTask task : tasks) {
            task.meet(known.get(task.draft().queue()), services);
        }
        for (PlannedBatch batch : batches) {
            batch.meet(known.get(batch.queue()), services);
        }
        queues.forEach(queue -> queue.meet(known.keySet(), services));
    }

    private void applied() {
        int staying = (int) tasks.stream().filter(PlannedTask::staysIfApplied).count();
        if (staying > 0) {
            findings.add(
                    Finding.note(
                            "AppliedTasksStay",
                            Numbers.count(staying, "Task")
                                    + " without ttlAfterFinished: what kubectl apply, Helm or a GitOps tool creates is never collected, so use kubectl create, or set it."));
        }
    }

    List<PlannedTask> tasksOf(PlannedQueue queue) {
        return tasks.stream()
                .filter(task -> task.draft().queue().equals(queue.id()))
                .toList();
    }

    List<PlannedBatch> batchesOf(PlannedQueue queue) {
        return batches.stream()
                .filter(batch -> batch.queue().equals(queue.id()))
                .toList();
    }

    List<PlannedBatch> strayBatches() {
        return batches.stream()
                .filter(batch -> queues.stream().noneMatch(queue -> queue.id().equals(batch.queue())))
                .toList();
    }

    List<PlannedTask> strayTasks() {
        return tasks.stream().filter(task -> queueOf(task) == null).toList();
    }

    private @Nullable PlannedQueue queueOf(PlannedTask task) {
        return queues.stream()
                .filter(queue -> queue.id().equals(task.draft().queue()))
                .findFirst()
                .orElse(null);
    }

    int errors() {
        return count(Finding.Weight.ERROR);
    }

    int warnings() {
        return count(Finding.Weight.WARNING);
    }

    int notes() {
        return count(Finding.Weight.NOTE);
    }

    /** Whether there is a finding of this weight or a graver one. */
    boolean has(Finding.Weight weight) {
        return switch (weight) {
            case ERROR -> errors() > 0;
            case WARNING -> errors() + warnings() > 0;
            case NOTE -> errors() + warnings() + notes() > 0;
        };
    }

    private int count(Finding.Weight weight) {
        return (int) Stream.of(
                        queues.stream().flatMap(queue -> queue.findings().stream()),
                        tasks.stream().flatMap(task -> task.findings().stream()),
                        batches.stream().flatMap(batch -> batch.findings().stream()),
                        findings.stream())
                .flatMap(all -> all)
                .filter(finding -> finding.weight() == weight)
                .count();
    }

    private String countedBatches() {
        return batches.size() == 1 ? "1 TaskBatch" : Numbers.number(batches.size()) + " TaskBatches";
    }

    String summary() {
        return "%s, %s: %s, %s, %s."
                .formatted(
                        Numbers.count(queues.size(), "queue"),
                        Numbers.count(tasks.size(), "Task") + (batches.isEmpty() ? "" : ", " + countedBatches()),
                        Numbers.count(errors(), "error"),
                        Numbers.count(warnings(), "warning"),
                        Numbers.count(notes(), "note"));
    }
}

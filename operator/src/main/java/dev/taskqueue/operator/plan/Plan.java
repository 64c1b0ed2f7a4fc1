package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.TaskDraft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queues and Tasks of manifests, with the findings about them.
 *
 * @param skipped objects of other kinds
 * @param findings about the manifests as a whole
 * @param now when the Tasks are taken to be created
 */
record Plan(
        List<PlannedQueue> queues, List<PlannedTask> tasks, List<String> skipped, List<Finding> findings, Instant now) {
    /** This many Tasks of a queue are listed, and all Tasks with findings. */
    static final int LISTED = 10;

    static Plan of(List<ManifestObject> objects, TaskDraft.Limits limits, Instant now) {
        var plan = new Plan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), now);
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
            } else {
                plan.skipped.add(declared.toString());
                continue;
            }
            if (!declared.isNamedByTheServer() && !names.add(declared.toString())) {
                ofObject.add(Finding.warning(
                        "DuplicateName",
                        declared + " is in these files twice: kubectl create refuses the second as AlreadyExists."));
            }
        }
        plan.meet();
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

    private void meet() {
        Map<QueueId, PlannedQueue> known = new LinkedHashMap<>();
        queues.forEach(queue -> known.putIfAbsent(queue.id(), queue));
        for (PlannedTask task : tasks) {
            task.meet(known.get(task.draft().queue()));
        }
        queues.forEach(queue -> queue.deadLetters(known.keySet()));
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

    private int count(Finding.Weight weight) {
        return (int) Stream.of(
                        queues.stream().flatMap(queue -> queue.findings().stream()),
                        tasks.stream().flatMap(task -> task.findings().stream()),
                        findings.stream())
                .flatMap(all -> all)
                .filter(finding -> finding.weight() == weight)
                .count();
    }

    String summary() {
        return "%s, %s: %s, %s, %s."
                .formatted(
                        Numbers.count(queues.size(), "queue"),
                        Numbers.count(tasks.size(), "Task"),
                        Numbers.count(errors(), "error"),
                        Numbers.count(count(Finding.Weight.WARNING), "warning"),
                        Numbers.count(count(Finding.Weight.NOTE), "note"));
    }
}

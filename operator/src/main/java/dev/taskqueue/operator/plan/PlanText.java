package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;
import static dev.taskqueue.operator.domain.Durations.words;

import java.io.PrintStream;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** Prints a plan for people. */
final class PlanText {
    private final PrintStream out;
    private final Plan plan;
    private final PlanArguments arguments;

    PlanText(PrintStream out, Plan plan, PlanArguments arguments) {
        this.out = out;
        this.plan = plan;
        this.arguments = arguments;
    }

    void print() {
        plan.queues().forEach(this::queue);
        if (!plan.strayTasks().isEmpty() || !plan.strayBatches().isEmpty()) {
            out.println("Of queues that are not in these files:");
            tasks(plan.strayTasks());
            batches(plan.strayBatches());
            out.println();
        }
        if (!plan.skipped().isEmpty()) {
            out.println("Skipped, being neither TaskQueue, Task, TaskBatch nor Service: "
                    + String.join(", ", plan.skipped()) + ".");
        }
        findings(plan.findings(), "");
        out.println(plan.summary());
    }

    private void queue(PlannedQueue queue) {
        heading(queue.declared());
        Prediction prediction = plan.prediction(queue);
        if (prediction != null) {
            prediction(prediction);
            if (!queue.findings().isEmpty()) {
                out.println();
            }
        }
        findings(queue.findings(), "  ");
        List<PlannedTask> tasks = plan.tasksOf(queue);
        if (!tasks.isEmpty()) {
            out.println();
            out.println("  Its Tasks:");
            tasks(tasks);
        }
        List<PlannedBatch> batches = plan.batchesOf(queue);
        if (!batches.isEmpty()) {
            out.println();
            out.println("  Its TaskBatches:");
            batches(batches);
            batchesGone(queue, batches);
        }
        out.println();
    }

    private void batchesGone(PlannedQueue queue, List<PlannedBatch> batches) {
        Forecast forecast = plan.batchesGone(queue);
        if (forecast == null) {
            return;
        }
        int items = batches.stream().mapToInt(PlannedBatch::items).sum();
        Instant lastDue = batches.stream()
                .map(PlannedBatch::lastDue)
                .max(Comparator.naturalOrder())
                .orElse(plan.now());
        String gone = words(Numbers.seconds(forecast.took()));
        out.println("    Together %s whose handler takes %s: the last has ended %s after %s, if none fails."
                .formatted(
                        Numbers.count(items, "item"),
                        format(arguments.load().handler()),
                        gone,
                        lastDue.isAfter(plan.now()) ? "the last is due, at the latest" : "their creation"));
    }

    private void heading(ManifestObject declared) {
        String heading = declared + " (" + declared.source() + ")";
        out.println(heading);
        out.println("-".repeat(heading.length()));
    }

    private void prediction(Prediction prediction) {
        Forecast.Load load = arguments.load();
        QueuePage.retries(prediction.profile(), prediction.timetable()).forEach(this::indented);
        if (prediction.backlog() != null) {
            QueuePage.backlog(prediction.profile(), prediction.backlog(), load).forEach(this::indented);
        }
        if (prediction.outage() != null) {
            QueuePage.outage(
                            prediction.outage(),
                            arguments.outage(),
                            load,
                            prediction.profile().settings())
                    .forEach(this::indented);
        }
    }

    private void indented(String line) {
        out.println(line.isEmpty() ? "" : "  " + line);
    }

    private void findings(List<Finding> findings, String indent) {
        findings.forEach(finding -> out.println(indent + finding));
    }

    private void tasks(List<PlannedTask> tasks) {
        int width = tasks.stream()
                .mapToInt(task -> task.declared().name().length())
                .max()
                .orElse(0);
        int listed = 0;
        for (PlannedTask task : tasks) {
            boolean shown = listed < Plan.LISTED || !task.findings().isEmpty();
            if (shown) {
                listed++;
                out.println("    " + padded(task.declared().name(), width) + "  " + task.due(plan.now()));
                findings(task.findings(), "      ");
            }
        }
        if (listed < tasks.size()) {
            out.println("    and " + Numbers.number(tasks.size() - listed) + " more");
        }
    }

    private void batches(List<PlannedBatch> batches) {
        int width = batches.stream()
                .mapToInt(batch -> batch.declared().name().length())
                .max()
                .orElse(0);
        for (PlannedBatch batch : batches) {
            out.println("    " + padded(batch.declared().name(), width) + "  " + batch.due(plan.now()));
            findings(batch.findings(), "      ");
        }
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}

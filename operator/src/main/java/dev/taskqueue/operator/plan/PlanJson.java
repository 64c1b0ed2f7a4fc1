package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.Durations;
import java.util.List;
import java.util.Locale;

/** A plan as JSON, for programs. Fields may be added later; those that exist keep their names and meanings. */
final class PlanJson {
    private final ObjectNode root = JsonNodeFactory.instance.objectNode();
    private final Plan plan;
    private final Forecast.Load load;

    private PlanJson(Plan plan, Forecast.Load load) {
        this.plan = plan;
        this.load = load;
    }

    static String of(Plan plan, Forecast.Load load) {
        return new PlanJson(plan, load).text();
    }

    private String text() {
        ArrayNode queues = root.putArray("queues");
        plan.queues().forEach(queue -> queue(queue, queues.addObject()));
        ArrayNode tasks = root.putArray("tasks");
        plan.tasks().forEach(task -> task(task, tasks.addObject()));
        ArrayNode batches = root.putArray("batches");
        plan.batches().forEach(batch -> batch(batch, batches.addObject()));
        plan.skipped().forEach(root.putArray("skipped")::add);
        findings(plan.findings(), root);
        root.putObject("summary")
                .put("errors", plan.errors())
                .put("warnings", plan.warnings())
                .put("notes", plan.notes());
        return root.toPrettyString();
    }

    private void queue(PlannedQueue queue, ObjectNode into) {
        identity(queue.declared(), into);
        Prediction prediction = plan.prediction(queue);
        if (prediction != null) {
            prediction(prediction, into);
        }
        Forecast batchesGone = plan.batchesGone(queue);
        if (batchesGone != null) {
            int items =
                    plan.batchesOf(queue).stream().mapToInt(PlannedBatch::items).sum();
            forecast(batchesGone, items, into.putObject("batches"));
        }
        findings(queue.findings(), into);
    }

    private void prediction(Prediction prediction, ObjectNode into) {
        var settings = prediction.profile().settings();
        into.put("dispatchesPerSecond", settings.rate().perSecond())
                .put("burst", settings.rate().burst())
                .put("concurrency", settings.maxConcurrent());
        RetrySchedule timetable = prediction.timetable();
        into.putObject("retries")
                .put("attempts", timetable.attempts())
                .put("took", Durations.format(timetable.endAt()))
                .put("end", timetable.end().name());
        if (prediction.backlog() != null) {
            forecast(prediction.backlog(), load.tasks(), into.putObject("backlog"));
        }
        if (prediction.outage() != null) {
            forecast(prediction.outage(), prediction.outage().rehearsed(), into.putObject("outage"));
        }
    }

    private static void forecast(Forecast forecast, int tasks, ObjectNode into) {
        into.put("tasks", tasks)
                .put("took", Durations.format(Numbers.seconds(forecast.took())))
                .put("perSecond", forecast.perSecond())
                .put("left", forecast.run().left());
    }

    private void task(PlannedTask task, ObjectNode into) {
        identity(task.declared(), into);
        into.put("queue", task.draft().queue().name()).put("due", task.due(plan.now()));
        findings(task.findings(), into);
    }

    private void batch(PlannedBatch batch, ObjectNode into) {
        identity(batch.declared(), into);
        into.put("queue", batch.queue().name()).put("items", batch.items()).put("due", batch.due(plan.now()));
        findings(batch.findings(), into);
    }

    private static void identity(ManifestObject declared, ObjectNode into) {
        into.put("namespace", declared.namespace()).put("name", declared.name()).put("source", declared.source());
    }

    private static void findings(List<Finding> findings, ObjectNode into) {
        ArrayNode all = into.putArray("findings");
        findings.forEach(finding -> all.addObject()
                .put("severity", finding.weight().name().toLowerCase(Locale.ROOT))
                .put("name", finding.name())
                .put("message", finding.sentence()));
    }
}

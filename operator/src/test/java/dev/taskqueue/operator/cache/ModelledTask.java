package dev.taskqueue.operator.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.RedriveRequest;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The object of a Task in a simulated API server. Each change creates the next version. */
record ModelledTask(
        long version,
        String state,
        int round,
        int attempts,
        @Nullable String runNow,
        @Nullable String redrive,
        HandledAnnotations handled) {
    private static final Map<ModelledTask, TaskObject> READ = new HashMap<>();

    static final ModelledTask NEW = new ModelledTask(1, "", 1, 0, null, null, HandledAnnotations.NOTHING);

    boolean isFailed() {
        return state.equals("Failed");
    }

    boolean isFinished() {
        return isFailed() || state.equals("Succeeded");
    }

    ModelledTask edited() {
        return new ModelledTask(version + 1, state, round, attempts, runNow, redrive, handled);
    }

    ModelledTask withRunNow(String value) {
        return new ModelledTask(version + 1, state, round, attempts, value, redrive, handled);
    }

    ModelledTask withRedrive(String value) {
        return new ModelledTask(version + 1, state, round, attempts, runNow, value, handled);
    }

    ModelledTask withState(String next) {
        return new ModelledTask(version + 1, next, round, attempts, runNow, redrive, handled);
    }

    ModelledTask after(int attempt, String next, HandledAnnotations by) {
        return new ModelledTask(version + 1, next, round, attempt, runNow, redrive, by.over(handled));
    }

    ModelledTask redriven(RedriveRequest request) {
        HandledAnnotations next = handled.with(request);
        return new ModelledTask(version + 1, "Queued", round + 1, attempts, runNow, redrive, next);
    }

    /** The object as the operator reads it. */
    TaskObject object() {
        return READ.computeIfAbsent(this, ModelledTask::parse);
    }

    private TaskObject parse() {
        var annotations = new ArrayList<String>();
        if (runNow != null) {
            annotations.add("'taskqueue.dev/run-now': '" + runNow + "'");
        }
        if (redrive != null) {
            annotations.add("'taskqueue.dev/redrive': '" + redrive + "'");
        }
        ObjectNode task = (ObjectNode) TestingTasks.task(
                "a",
                version,
                "annotations: {" + String.join(", ", annotations) + "}",
                "{queueRef: {name: 'orders'}, httpRequest: {}}");
        ObjectNode status = task.putObject("status");
        if (!state.isEmpty()) {
            status.put("state", state).put("dispatchCount", attempts);
        }
        if (round > 1) {
            status.putObject("round").put("number", round);
        }
        if (handled.runNow() != null) {
            status.put("lastHandledRunNow", handled.runNow());
        }
        if (handled.redrive() != null) {
            status.put("lastHandledRedrive", handled.redrive());
        }
        if (handled.queueRedrive() != null) {
            status.put("lastHandledQueueRedrive", handled.queueRedrive());
        }
        return TaskReader.read(task);
    }
}

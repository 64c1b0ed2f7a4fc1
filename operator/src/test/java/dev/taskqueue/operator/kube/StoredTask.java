package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Task's object, as an API server that is played has it. Each change makes the next version. */
record StoredTask(
        long version,
        String state,
        int round,
        int attempts,
        @Nullable String runNow,
        @Nullable String redrive,
        Handled handled) {
    private static final Map<StoredTask, TaskObject> READ = new HashMap<>();

    static final StoredTask NEW = new StoredTask(1, "", 1, 0, null, null, Handled.NOTHING);

    boolean isFailed() {
        return state.equals("Failed");
    }

    boolean isFinished() {
        return isFailed() || state.equals("Succeeded");
    }

    StoredTask edited() {
        return new StoredTask(version + 1, state, round, attempts, runNow, redrive, handled);
    }

    StoredTask withRunNow(String value) {
        return new StoredTask(version + 1, state, round, attempts, value, redrive, handled);
    }

    StoredTask withRedrive(String value) {
        return new StoredTask(version + 1, state, round, attempts, runNow, value, handled);
    }

    StoredTask withState(String next) {
        return new StoredTask(version + 1, next, round, attempts, runNow, redrive, handled);
    }

    StoredTask after(int attempt, String next, Handled by) {
        return new StoredTask(version + 1, next, round, attempt, runNow, redrive, by.over(handled));
    }

    StoredTask redriven(@Nullable String value) {
        Handled next = value == null ? handled : handled.withRedrive(value);
        return new StoredTask(version + 1, "Queued", round + 1, attempts, runNow, redrive, next);
    }

    /** As the operator reads it. */
    TaskObject object() {
        return READ.computeIfAbsent(this, StoredTask::parse);
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
        return TaskReader.read(task);
    }
}

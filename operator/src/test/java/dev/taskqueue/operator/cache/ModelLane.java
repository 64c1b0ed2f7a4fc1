package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import java.time.Instant;
import java.util.List;

/**
 * A delivery in a simulated engine.
 *
 * @param due whether it may be sent at any time
 * @param flying whether it was sent and the engine does not know its outcome yet
 * @param again whether to send it again as soon as the outcome is known
 */
record ModelLane(int handle, int round, int attempts, boolean due, boolean flying, boolean again, boolean over) {
    private static final Instant TIME = Instant.parse("2026-11-21T09:00:00Z");

    static ModelLane of(int handle, TaskObject object) {
        Integer count = object.status().dispatchCount();
        boolean due = !"BackingOff".equals(String.valueOf(object.status().state()));
        int round = StatusReader.round(object.status());
        return new ModelLane(handle, round, count == null ? 0 : count, due, false, false, false);
    }

    boolean maySend() {
        return due && !flying && !over;
    }

    ModelLane sent() {
        return new ModelLane(handle, round, attempts, false, true, false, false);
    }

    ModelLane cancelled() {
        return new ModelLane(handle, round, attempts, false, flying, false, true);
    }

    /** @param written how many outcomes were written at the time of the request to run now */
    ModelLane expedited(int written) {
        boolean isNext = again || (flying && attempts < written);
        return new ModelLane(handle, round, attempts, due || !flying, flying, isNext, over);
    }

    ModelLane landed(boolean retries) {
        boolean goesOn = retries && !over;
        return new ModelLane(handle, round, attempts + (goesOn ? 1 : 0), goesOn && again, false, false, !goesOn);
    }

    /** The outcome of the attempt in flight. */
    Journal.Entry outcome(List<String> outcomes) {
        int number = attempts + 1;
        var attempt = new AttemptRecord(number, TIME, TIME, TIME, 500, AttemptReason.ServerError, "");
        var progress =
                new AttemptHistory(number, number, number, round, number, number, number, TIME, List.of(attempt));
        return switch (outcomes.get(Math.min(number, outcomes.size()) - 1)) {
            case "BackingOff" -> new Journal.Entry.BackingOff(progress, TIME);
            case "Failed" -> new Journal.Entry.Finished(progress, new Ending(Ending.Reason.RetriesExhausted, ""), TIME);
            default -> new Journal.Entry.Finished(progress, new Ending(Ending.Reason.Delivered, ""), TIME);
        };
    }
}

package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an item that has failed or was skipped, until the batch is deleted. Its dead letter names this, and a redrive goes on counting.
 *
 * @param attempts attempts over the whole life of the item
 * @param lastCode the HTTP status of the last answer; 0 = none came
 * @param reason why it failed; null if it was skipped
 */
public record EndedItem(int attempts, int lastCode, Ending.@Nullable Reason reason) {
    /** An item that was left unsent. */
    static final EndedItem UNSENT = new EndedItem(0, 0, null);

    /** The lowest status that the CRD takes. A worker may answer with other numbers. */
    private static final int MIN_STATUS = 100;

    /** An item that has failed. */
    static EndedItem of(AttemptHistory history, Ending.Reason reason) {
        return new EndedItem(history.dispatches(), lastCode(history), reason);
    }

    private static int lastCode(AttemptHistory history) {
        for (AttemptRecord attempt : history.recent().reversed()) {
            Integer code = attempt.statusCode();
            if (code != null) {
                return code < MIN_STATUS ? 0 : code;
            }
        }
        return 0;
    }
}

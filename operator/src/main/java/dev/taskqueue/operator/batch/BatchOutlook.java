package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Turn;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What status tells about the batch beside its progress.
 *
 * @param now the time of the write
 * @param nextAt when the next attempt of an item is due; null if none is, or if it is not known
 * @param obstacle what keeps its due items from being sent; null if nothing does
 * @param hold why a person holds the batch; null if nobody does
 * @param turn what keeps due items from having their turn, if people should know of it; null otherwise
 */
public record BatchOutlook(
        Instant now,
        @Nullable Instant nextAt,
        @Nullable Obstacle obstacle,
        @Nullable String hold,
        @Nullable Turn turn) {
    /** Nothing is known beside the progress. */
    public static BatchOutlook at(Instant now) {
        return new BatchOutlook(now, null, null, null, null);
    }

    boolean isScheduled() {
        return nextAt != null && nextAt.isAfter(now);
    }
}

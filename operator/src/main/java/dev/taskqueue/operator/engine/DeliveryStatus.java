package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The current status of an unfinished delivery, as the {@code status} of a waiting Task shows it. */
public sealed interface DeliveryStatus {
    /**
     * Its time has not come; the first attempt is due at {@code dueAt}.
     *
     * @param expiresAt no attempt leaves at or after it; null if its spec has no such time
     */
    record Scheduled(Instant dueAt, @Nullable Instant expiresAt) implements DeliveryStatus {
        /** A Task that may be sent once it is due. */
        public Scheduled(Instant dueAt) {
            this(dueAt, null);
        }

        /** Whether it expires before it is due, and so is never sent. */
        public boolean expiresBeforeDue() {
            return expiresAt != null && !expiresAt.isAfter(dueAt);
        }
    }

    /**
     * Due since {@code dueAt}. It waits for its turn: for rate, concurrency or the end of a pause.
     *
     * @param turn which of these; null if nobody asked
     */
    record Queued(Instant dueAt, @Nullable Turn turn) implements DeliveryStatus {
        public Queued(Instant dueAt) {
            this(dueAt, null);
        }
    }

    /** Due, but an obstacle must go before it can be sent. */
    record Blocked(Obstacle obstacle) implements DeliveryStatus {}

    /** A retry whose time has not come. The write of the last outcome has put this into the status. */
    record BackingOff(Instant dueAt) implements DeliveryStatus {}

    /**
     * In flight. This process has sent it, or an earlier process that may still write its outcome. Written into the status of an attempt that
     * lasts, it is a claim.
     */
    record Dispatching(AttemptHistory before, Instant scheduledAt, Instant dispatchedAt, Instant deadlineAt)
            implements DeliveryStatus {}
}

package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Obstacle;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where an unfinished delivery stands right now: what {@code status} tells of a Task that waits. */
public sealed interface DeliveryStatus {
    /**
     * Its time has not come; the first attempt is due at {@code dueAt}.
     *
     * @param expiresAt no attempt leaves at or after it; null where its spec has no such time
     */
    record Scheduled(Instant dueAt, @Nullable Instant expiresAt) implements DeliveryStatus {
        /** A Task that may be sent once it is due. */
        public Scheduled(Instant dueAt) {
            this(dueAt, null);
        }

        /** Whether it is never sent, as it expires before it is due. */
        public boolean expiresBeforeDue() {
            return expiresAt != null && !expiresAt.isAfter(dueAt);
        }
    }

    /** Due since {@code dueAt}, and waiting for its turn: rate, concurrency, pause. */
    record Queued(Instant dueAt) implements DeliveryStatus {}

    /** Due, and something must change before it can be sent. */
    record Blocked(Obstacle obstacle) implements DeliveryStatus {}

    /** A retry whose time has not come; the outcome's own write has told so. */
    record BackingOff(Instant dueAt) implements DeliveryStatus {}

    /** In flight, sent by this process or by an earlier one that may still write its outcome; the claim of a lasting attempt. */
    record Dispatching(AttemptHistory before, Instant scheduledAt, Instant dispatchedAt, Instant deadlineAt)
            implements DeliveryStatus {}
}

package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.engine.Journal;
import java.time.Duration;
import java.time.Instant;

/** Says when the status of a batch is written. Times are monotonic nanoseconds. */
final class CommitRules {
    static final long NEVER = Long.MAX_VALUE;
    /** The shortest time between two writes of one batch. */
    static final long PACE = Duration.ofMillis(200).toNanos();
    /** So many outcomes are not kept waiting. */
    static final int MANY = 50;
    /** An outcome is written after this time. */
    static final long PATIENCE = Duration.ofSeconds(2).toNanos();
    /** The same for a large batch, whose writes are dear. */
    static final long PATIENCE_IF_LARGE = Duration.ofSeconds(5).toNanos();

    static final int LARGE = 256 << 10;
    /** The failure before a retry is written this long before the retry is due. */
    private static final Duration AHEAD_OF_RETRY = Duration.ofMillis(200);
    /** The shortest time between two writes that only say what a batch waits for. */
    private static final long WAITING_PACE = Duration.ofSeconds(1).toNanos();

    private CommitRules() {}

    /** Whether the thread that writes is to look at once. */
    static boolean isUrgent(BatchRecord record) {
        synchronized (record) {
            return record.hasNews || record.unwritten.size() == MANY || record.progress.isDone();
        }
    }

    /**
     * When the next write begins; {@link #NEVER} if nothing is to be written. The caller holds the record's monitor.
     *
     * @param wall the time that retries are compared with
     */
    static long dueAt(BatchRecord record, long now, Instant wall) {
        if (record.isBusy || record.phase != BatchRecord.Phase.OPEN) {
            return NEVER;
        }
        return Math.max(unpausedAt(record, now, wall), record.refusals > 0 ? record.pausedUntil : now);
    }

    private static long unpausedAt(BatchRecord record, long now, Instant wall) {
        if (record.progress.isDone()) {
            // At its end, nothing but dead letters is waited for.
            return record.unwritten.isEmpty() && !record.hasNews && !record.deadLettersDue.isEmpty()
                    ? Math.max(now, record.nextDeadLetterAt)
                    : now;
        }
        long wanted = NEVER;
        if (record.hasNews) {
            wanted = now;
        } else if (!record.unwritten.isEmpty()) {
            wanted = outcomesAt(record, now, wall);
        }
        if (wanted != NEVER) {
            wanted = Math.max(wanted, Math.max(record.writtenAt, record.firstUnwrittenAt) + PACE);
        }
        if (!record.deadLettersDue.isEmpty()) {
            wanted = Math.min(wanted, Math.max(now, record.nextDeadLetterAt));
        }
        if (record.isStale) {
            wanted = Math.min(wanted, Math.max(record.writtenAt, record.quietSince) + WAITING_PACE);
        }
        return wanted;
    }

    private static long outcomesAt(BatchRecord record, long now, Instant wall) {
        if (record.unwritten.size() >= MANY) {
            return now;
        }
        long patience = record.object.storedBytes() > LARGE ? PATIENCE_IF_LARGE : PATIENCE;
        long wanted = record.firstUnwrittenAt + patience;
        for (Journal.Entry entry : record.unwritten.values()) {
            if (entry instanceof Journal.Entry.BackingOff(var _, Instant nextAt)) {
                long left = Duration.between(wall, nextAt).minus(AHEAD_OF_RETRY).toNanos();
                wanted = Math.min(wanted, now + Math.max(0, left));
            }
        }
        return wanted;
    }
}

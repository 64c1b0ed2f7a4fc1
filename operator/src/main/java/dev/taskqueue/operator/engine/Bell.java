package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;

/** A lane's alarm, moved only where that is worth it. Its lane guards it. */
final class Bell {
    static final long NEVER = Long.MAX_VALUE;
    /** An alarm that rings this much too early costs less than to move it. */
    private static final long SLACK_MILLIS = 50;

    private final QueueId queue;
    private final Alarm alarm;
    /** Epoch milliseconds for which it is set. */
    private long setFor = NEVER;

    Bell(QueueId queue, Alarm alarm) {
        this.queue = queue;
        this.alarm = alarm;
    }

    /** Is to ring then, in epoch milliseconds, or {@link #NEVER}. */
    void set(long wakeAt, long now) {
        if (wakeAt == setFor || (setFor > now && setFor < wakeAt && wakeAt - setFor <= SLACK_MILLIS)) {
            return;
        }
        setFor = wakeAt;
        if (wakeAt == NEVER) {
            alarm.clear(queue);
        } else {
            alarm.set(queue, Instant.ofEpochMilli(wakeAt));
        }
    }

    /** It has rung, so it is not set any more. */
    void rung() {
        setFor = NEVER;
    }

    void silence() {
        setFor = NEVER;
        alarm.clear(queue);
    }
}

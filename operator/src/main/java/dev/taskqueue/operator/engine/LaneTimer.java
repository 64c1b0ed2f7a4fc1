package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;

/** A lane's alarm, moved only where that is worth it. Its lane guards it. */
final class LaneTimer {
    static final long NEVER = Long.MAX_VALUE;
    /** An alarm that rings this much too early costs less than to move it. */
    private static final long SLACK = Duration.ofMillis(50).toNanos();

    private final QueueId queue;
    private final Alarm alarm;
    private boolean isSet;
    /** Monotonic nanoseconds, where it is set. */
    private long setFor;

    LaneTimer(QueueId queue, Alarm alarm) {
        this.queue = queue;
        this.alarm = alarm;
    }

    /**
     * Is to ring after this many nanoseconds, or {@link #NEVER}.
     *
     * @param now monotonic nanoseconds
     */
    void set(long wait, long now) {
        if (wait == NEVER) {
            silence();
            return;
        }
        long late = now + wait - setFor;
        if (isSet && (late == 0 || (setFor - now > 0 && late > 0 && late <= SLACK))) {
            return;
        }
        isSet = true;
        setFor = now + wait;
        alarm.set(queue, Duration.ofNanos(wait));
    }

    /** It has rung, so it is not set any more. */
    void rung() {
        isSet = false;
    }

    void silence() {
        if (isSet) {
            isSet = false;
            alarm.clear(queue);
        }
    }
}

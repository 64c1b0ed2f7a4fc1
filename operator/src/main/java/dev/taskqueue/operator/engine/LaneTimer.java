package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;

/**
 * Sets the alarm of one lane. A lane has one alarm at a time, at its next moment. The alarm is moved to every earlier moment, but not to a later
 * one within a tolerance: it then rings too early, and the lane looks again. The lane's lock guards it.
 */
final class LaneTimer {
    static final long NEVER = Long.MAX_VALUE;
    /** Ringing this much too early costs less than moving the alarm. */
    private static final long TOLERANCE = Duration.ofMillis(50).toNanos();

    private final QueueId queue;
    private final Alarm alarm;
    private boolean isSet;
    /** Monotonic nanoseconds; valid while it is set. */
    private long setFor;

    LaneTimer(QueueId queue, Alarm alarm) {
        this.queue = queue;
        this.alarm = alarm;
    }

    /**
     * Lets it ring after this many nanoseconds, or {@link #NEVER}.
     *
     * @param now monotonic nanoseconds
     */
    void set(long wait, long now) {
        if (wait == NEVER) {
            cancel();
            return;
        }
        long late = now + wait - setFor;
        if (isSet && (late == 0 || (setFor - now > 0 && late > 0 && late <= TOLERANCE))) {
            return;
        }
        isSet = true;
        setFor = now + wait;
        alarm.set(queue, Duration.ofNanos(wait));
    }

    /** It has rung, so it is not set any more. */
    void rang() {
        isSet = false;
    }

    void cancel() {
        if (isSet) {
            isSet = false;
            alarm.clear(queue);
        }
    }
}

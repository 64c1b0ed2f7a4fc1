package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;

/**
 * Port: wakes a queue's lane after a while, never early. Waits are measured on the monotonic clock: when the wall clock is set, callers that wait
 * for a time of day have to look again. There is one wake-up per queue; setting it again moves it.
 *
 * <p>The alarm is set and cleared under the lane's lock, so that two threads cannot set it in the wrong order and lose a wake-up. Therefore no
 * method may block, and none may call the engine.
 */
public interface Alarm {
    void set(QueueId queue, Duration wait);

    void clear(QueueId queue);
}

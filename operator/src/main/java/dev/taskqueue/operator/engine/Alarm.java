package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;

/**
 * Port: wakes a queue's lane after a while, never early. Waits are measured on the monotonic clock, so whoever waits for a time of the wall clock
 * looks again when that one was set. One wake-up per queue: setting it again moves it.
 */
public interface Alarm {
    void set(QueueId queue, Duration wait);

    void clear(QueueId queue);
}

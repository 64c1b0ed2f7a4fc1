package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;

/** Port: wakes a queue's lane at a time of the wall clock, never early. One wake-up per queue: setting it again moves it. */
public interface Alarm {
    void set(QueueId queue, Instant at);

    void clear(QueueId queue);
}

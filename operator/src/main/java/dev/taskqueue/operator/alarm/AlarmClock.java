package dev.taskqueue.operator.alarm;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The alarm of all queues, and the clock of recurring duties. It can be set at once, and rings after {@link #start} was called. */
public interface AlarmClock extends Alarm, AutoCloseable {
    void start();

    /** Does something once in each interval, from the start on. */
    void every(String name, Duration interval, Runnable duty);

    @Override
    void close();

    /** Makes the alarm clock of one operator. */
    interface Maker {
        /**
         * Makes an alarm clock that is not started yet.
         *
         * @param threads runs each ring and each duty, which may block there
         * @param ring what to do when a queue's time has come
         */
        AlarmClock make(Executor threads, Consumer<QueueId> ring);
    }
}

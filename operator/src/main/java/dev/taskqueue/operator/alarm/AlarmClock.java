package dev.taskqueue.operator.alarm;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The alarm of all queues, and what is done again and again. It keeps what it is set to, and rings once {@link #start} was called. */
public interface AlarmClock extends Alarm, AutoCloseable {
    void start();

    /** Does something again and again, one interval after the other. */
    void every(String name, Duration interval, Runnable duty);

    @Override
    void close();

    /** Makes the alarm clock of one operator. */
    interface Maker {
        /**
         * One that is not started yet.
         *
         * @param threads runs each ring and each duty; there they may wait
         * @param ring what to do when a queue's time has come
         */
        AlarmClock make(Executor threads, Consumer<QueueId> ring);
    }
}

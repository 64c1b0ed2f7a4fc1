package dev.taskqueue.operator.alarm;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The alarm of all queues, and the timer of recurring duties. It keeps what it is set to, and rings once {@link #start} was called. */
public interface AlarmClock extends Alarm, AutoCloseable {
    /**
     * Rings from now on, and runs the duties.
     *
     * @param ring called when a queue's time has come
     */
    void start(Consumer<QueueId> ring);

    /** Does something once in each interval, from the start on. */
    void every(String name, Duration interval, Runnable duty);

    @Override
    void close();

    /** Makes the alarm clock of one operator. */
    interface Maker {
        /**
         * Makes an alarm clock that is not started yet.
         *
         * @param threads runs each ring and each duty; there they may wait
         */
        AlarmClock make(Executor threads);
    }
}

package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.WatchState;
import java.util.List;

/** Port: watches the TaskQueues of each namespace, and calls their reconciler. */
public interface QueueController extends AutoCloseable {
    /** Starts to watch. Returns once all queues are known, or after some seconds. */
    void start();

    /** The watch of TaskQueues in each namespace. They say whether everything has been seen. */
    List<WatchState> watches();

    @Override
    void close();
}

package dev.taskqueue.operator.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The queue on which an election waits. Nobody really waits: the time moves on instead. */
@SuppressWarnings("serial") // never serialized
final class TestingInbox extends LinkedBlockingQueue<Runnable> {
    private final transient LeaseClocks time;
    /** Actions that run when the election waits again, one each time. */
    final transient Deque<Runnable> happens = new ArrayDeque<>();

    TestingInbox(LeaseClocks time) {
        this.time = time;
    }

    @Override
    public @Nullable Runnable poll(long timeout, TimeUnit unit) {
        Runnable next = happens.poll();
        if (next != null) {
            next.run();
        }
        if (isEmpty()) {
            time.pass(Duration.of(timeout, unit.toChronoUnit()));
        }
        return poll();
    }
}

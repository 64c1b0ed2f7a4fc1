package dev.taskqueue.operator.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads of which one runs at a time. The others have not begun or stand at a {@link #pause}. So the work may block, and every run with the
 * same input takes the same course.
 */
public final class SequentialThreads implements Executor {
    /** A thread that runs for longer without a pause waits for something that never comes. */
    private static final long STUCK = Duration.ofMinutes(1).toNanos();

    private final List<Turn> runnable = new ArrayList<>();
    private final IntUnaryOperator next;
    private @Nullable Turn running;

    /** Threads that run in the order in which they became runnable. */
    public SequentialThreads() {
        this(_ -> 0);
    }

    /**
     * Threads that run in another order.
     *
     * @param next picks the thread that runs next, given how many are runnable: 0 is the one that waits longest
     */
    public SequentialThreads(IntUnaryOperator next) {
        this.next = next;
    }

    @Override
    public void execute(Runnable work) {
        runnable.add(new Turn(work));
    }

    /** Runs until every thread has ended or pauses. */
    public void runAll() {
        while (!runnable.isEmpty()) {
            running = runnable.remove(next.applyAsInt(runnable.size()));
            running.run();
            running = null;
        }
    }

    /**
     * To be called on one of these threads: stops it.
     *
     * @param register takes what makes the thread runnable again
     */
    public void pause(Consumer<Runnable> register) {
        Turn current = running;
        if (current == null) {
            throw new IllegalStateException("only an attempt's own thread may block");
        }
        register.accept(() -> runnable.add(current));
        current.stop();
    }

    /** One thread. It and the caller of {@link #runAll} hand the turn to each other. */
    private static final class Turn {
        private final Semaphore go = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private final Runnable work;
        private boolean begun;
        private @Nullable Throwable failure;

        Turn(Runnable work) {
            this.work = work;
        }

        /** Returns when the thread has ended or pauses. */
        void run() {
            if (begun) {
                go.release();
            } else {
                begun = true;
                Thread.startVirtualThread(this::live);
            }
            awaitBack();
            if (failure != null) {
                throw new IllegalStateException("the engine failed in virtual time", failure);
            }
        }

        private void awaitBack() {
            try {
                if (!back.tryAcquire(STUCK, TimeUnit.NANOSECONDS)) {
                    throw new IllegalStateException("a thread waits for a lock that another one holds while it pauses");
                }
            } catch (InterruptedException interrupt) {
                throw new IllegalStateException("interrupted in virtual time", interrupt);
            }
        }

        private void live() {
            try {
                work.run();
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            } finally {
                back.release();
            }
        }

        private void stop() {
            back.release();
            go.acquireUninterruptibly();
        }
    }
}

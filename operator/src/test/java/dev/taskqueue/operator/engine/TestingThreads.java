package dev.taskqueue.operator.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Threads of which one runs at a time, cranked by hand: the others stand at a {@link #pause} or have not begun. So what blocks may block,
 * and a story always goes the same way.
 */
final class TestingThreads implements Executor {
    private static final long STUCK_SECONDS = 60;

    private final List<Strand> runnable = new ArrayList<>();
    private @Nullable Strand running;
    private @Nullable RandomGenerator order;

    @Override
    public void execute(Runnable work) {
        runnable.add(new Strand(work));
    }

    /** From now on who runs next is drawn, not the one who waits longest. */
    void shuffle(RandomGenerator generator) {
        order = generator;
    }

    /** Runs until every thread has ended or pauses. */
    void runAll() {
        while (!runnable.isEmpty()) {
            runnable.remove(order == null ? 0 : order.nextInt(runnable.size())).run();
        }
    }

    /** On one of these threads: stands still until the runnable that {@code register} is handed is run. */
    void pause(Consumer<Runnable> register) {
        Strand current = running;
        if (current == null) {
            throw new IllegalStateException("only an attempt's own thread may block");
        }
        register.accept(() -> runnable.add(current));
        current.standStill();
    }

    private final class Strand {
        private final Semaphore go = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private final Runnable work;
        private @Nullable Thread thread;
        private @Nullable Throwable failure;

        Strand(Runnable work) {
            this.work = work;
        }

        void run() {
            running = this;
            if (thread == null) {
                thread = Thread.startVirtualThread(this::live);
            } else {
                go.release();
            }
            try {
                if (!back.tryAcquire(STUCK_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("a thread waits for a lock that another one holds while it pauses");
                }
            } catch (InterruptedException interrupt) {
                throw new AssertionError(interrupt);
            }
            running = null;
            if (failure != null) {
                throw new AssertionError("a thread of the engine failed", failure);
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

        private void standStill() {
            back.release();
            go.acquireUninterruptibly();
        }
    }
}

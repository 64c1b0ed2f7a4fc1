package dev.taskqueue.operator.simulation;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads of which one runs at a time, in the order in which they became runnable: so what blocks may block, and a run always goes
 * the same way.
 */
public final class SequentialThreads implements Executor {
    private final Queue<Strand> runnable = new ArrayDeque<>();
    private @Nullable Strand running;

    @Override
    public void execute(Runnable work) {
        runnable.add(new Strand(work));
    }

    /** Runs until every one has ended or pauses. */
    public void runAll() {
        for (Strand next = runnable.poll(); next != null; next = runnable.poll()) {
            running = next;
            next.run();
            running = null;
        }
    }

    /** On one of these threads: stands still until the runnable that {@code register} is handed has been run. */
    public void pause(Consumer<Runnable> register) {
        Strand current = running;
        if (current == null) {
            throw new IllegalStateException("only an attempt's own thread may block");
        }
        register.accept(() -> runnable.add(current));
        current.standStill();
    }

    private static final class Strand {
        private final Semaphore go = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private final Runnable work;
        private boolean begun;
        private @Nullable Throwable failure;

        Strand(Runnable work) {
            this.work = work;
        }

        /** Returns when it has ended or pauses. */
        void run() {
            if (begun) {
                go.release();
            } else {
                begun = true;
                Thread.startVirtualThread(this::live);
            }
            back.acquireUninterruptibly();
            if (failure != null) {
                throw new IllegalStateException("the engine failed in virtual time", failure);
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

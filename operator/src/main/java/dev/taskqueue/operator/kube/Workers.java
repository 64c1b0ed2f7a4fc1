package dev.taskqueue.operator.kube;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Runs things a few at a time on another executor; the others wait in line. */
final class Workers implements Executor {
    private final Executor threads;
    private final int most;
    private final Queue<Runnable> line = new ArrayDeque<>();
    private int busy;

    /** @param most how many run at a time */
    Workers(Executor threads, int most) {
        this.threads = threads;
        this.most = most;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (line) {
            line.add(task);
            if (busy == most) {
                return;
            }
            busy++;
        }
        threads.execute(this::work);
    }

    private void work() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    private @Nullable Runnable next() {
        synchronized (line) {
            Runnable next = line.poll();
            if (next == null) {
                busy--;
            }
            return next;
        }
    }
}

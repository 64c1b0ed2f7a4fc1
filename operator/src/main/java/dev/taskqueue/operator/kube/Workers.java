package dev.taskqueue.operator.kube;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs things a few at a time on another executor; the others wait in line. */
final class Workers implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private final Executor threads;
    private final int most;
    private final Queue<Runnable> line = new ArrayDeque<>();
    private int busy;

    /** @param most how many run at a time */
    Workers(Executor threads, int most) {
        this.threads = threads;
        this.most = most;
    }

    /** How many more would run at once. */
    int idle() {
        synchronized (line) {
            return most - busy;
        }
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
            try {
                task.run();
            } catch (RuntimeException failure) {
                LOG.error("A piece of work failed; the others go on", failure);
            }
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

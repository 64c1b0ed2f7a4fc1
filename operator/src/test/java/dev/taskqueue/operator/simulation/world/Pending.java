package dev.taskqueue.operator.simulation.world;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The answer that a thread waits for. The first that comes counts: the answer, a failure, or the end of the time. */
final class Pending<T> {
    private final Semaphore done = new Semaphore(0);
    private @Nullable T answer;
    private @Nullable IOException failure;
    private boolean isDone;

    void answer(T now) {
        if (!isDone) {
            isDone = true;
            answer = now;
            done.release();
        }
    }

    void fail(String why) {
        if (!isDone) {
            isDone = true;
            failure = new IOException(why);
            done.release();
        }
    }

    /** Waits on a thread of a process. */
    T await() throws IOException {
        try {
            done.acquire();
        } catch (InterruptedException interrupt) {
            isDone = true;
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (failure != null) {
            throw failure;
        }
        if (answer == null) {
            throw new IllegalStateException("nobody answered");
        }
        return answer;
    }
}

package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.domain.Sleeper;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The threads of one process: virtual threads of the JDK whose scheduler is the run's own. Threads that they start belong to the same process. So the
 * operator's code runs as it is, and may block wherever it likes.
 *
 * <p>The JDK has no public way yet to give virtual threads another scheduler. Its builder takes one, and {@code --add-opens
 * java.base/java.lang=ALL-UNNAMED} opens it.
 */
final class ProcessThreads extends AbstractExecutorService implements Sleeper {
    private final Owner owner;
    private final ThreadFactory threads;
    private final Consumer<Throwable> uncaught;

    /** What the threads need of their process. */
    interface Owner {
        /** A thread can run on. */
        void ready(Runnable continuation);

        /** Plans an event after a time by the process's monotonic clock. */
        Scheduler.Timer after(Duration pause, Runnable event);
    }

    /** @param uncaught receives what a thread has thrown and nobody caught */
    ProcessThreads(Owner owner, Consumer<Throwable> uncaught) {
        this.owner = owner;
        this.uncaught = uncaught;
        this.threads = builder(owner::ready)
                .uncaughtExceptionHandler((thread, failure) -> uncaught.accept(failure))
                .factory();
    }

    private static Thread.Builder.OfVirtual builder(Executor scheduler) {
        try {
            Constructor<?> constructor = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            constructor.setAccessible(true);
            return (Thread.Builder.OfVirtual) constructor.newInstance(scheduler);
        } catch (ReflectiveOperationException | RuntimeException closed) {
            throw new IllegalStateException(
                    "The simulation needs a JDK 25 with --add-opens java.base/java.lang=ALL-UNNAMED", closed);
        }
    }

    ThreadFactory factory() {
        return threads;
    }

    @Override
    public void execute(Runnable work) {
        threads.newThread(work).start();
    }

    @Override
    public void sleep(Duration pause) throws InterruptedException {
        var over = new Semaphore(0);
        Scheduler.Timer timer = owner.after(pause, over::release);
        try {
            over.acquire();
        } finally {
            timer.cancel();
        }
    }

    @Override
    public boolean acquire(Semaphore permits, Duration atMost) throws InterruptedException {
        if (permits.tryAcquire()) {
            return true;
        }
        // The timer wakes the thread with a permit of its own.
        Scheduler.Timer timer = owner.after(atMost, permits::release);
        try {
            permits.acquire();
        } catch (InterruptedException interrupt) {
            if (!timer.cancel()) {
                permits.tryAcquire();
            }
            throw interrupt;
        }
        return timer.cancel() || permits.tryAcquire();
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> works, long timeout, TimeUnit unit)
            throws InterruptedException {
        var results = new ArrayList<Future<T>>();
        var done = new Semaphore(0);
        for (Callable<T> work : works) {
            var result = new FutureTask<>(work) {
                @Override
                protected void done() {
                    done.release();
                }
            };
            results.add(result);
            execute(result);
        }
        long left = unit.toNanos(timeout);
        for (int i = 0; i < results.size() && acquire(done, Duration.ofNanos(left)); i++) {
            // Each has the whole time: the callers here have few works, and wait for all of them.
        }
        results.forEach(result -> result.cancel(true));
        return results;
    }

    /** Threads of a process end with it. */
    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    /** Reports a failure of work that has no thread. */
    void report(Throwable failure) {
        uncaught.accept(failure);
    }
}

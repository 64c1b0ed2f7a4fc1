package dev.taskqueue.operator.alarm;

import org.quartz.spi.ThreadPool;

/**
 * Runs what Quartz fires on Quartz's own scheduler thread: here that only starts a virtual thread, which is dearer to hand over than to
 * do. Public, because Quartz asks for it.
 */
public final class InlineThreadPool implements ThreadPool {
    private static final int BATCH = 100;

    @Override
    public boolean runInThread(Runnable runnable) {
        runnable.run();
        return true;
    }

    @Override
    public int blockForAvailableThreads() {
        return BATCH;
    }

    @Override
    public void initialize() {}

    @Override
    public void shutdown(boolean waitForJobsToComplete) {}

    @Override
    public int getPoolSize() {
        return BATCH;
    }

    @Override
    public void setInstanceId(String id) {}

    @Override
    public void setInstanceName(String name) {}
}

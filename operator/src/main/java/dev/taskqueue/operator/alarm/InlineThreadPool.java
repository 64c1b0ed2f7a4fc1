package dev.taskqueue.operator.alarm;

import org.quartz.spi.ThreadPool;

/**
 * Runs Quartz's callbacks on its scheduler thread. All they do is start a virtual thread, which is cheaper than a hand-over to a pool. Public,
 * because Quartz requires it.
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

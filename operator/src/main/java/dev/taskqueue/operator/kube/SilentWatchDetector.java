package dev.taskqueue.operator.kube;

/**
 * Detects a watch that is dead although its connection does not say so: it does not show what this process has written long ago. Not thread-safe.
 */
final class SilentWatchDetector {
    /** A watch may be late by some seconds while the API server is busy. */
    private static final int PATIENCE_CHECKS = 30;

    private final WatchProgress progress;
    private long expected;
    private int checks;

    SilentWatchDetector(WatchProgress progress) {
        this.progress = progress;
    }

    /**
     * To be called about every second.
     *
     * @param lastWrite the resourceVersion of the last write that this process has made; 0 if there was none
     * @return whether the watch is dead; true again every 30 calls until it has shown the write
     */
    boolean check(long lastWrite) {
        if (progress.hasReached(expected)) {
            expected = lastWrite;
            checks = 0;
            return false;
        }
        checks++;
        return checks % PATIENCE_CHECKS == 0;
    }
}

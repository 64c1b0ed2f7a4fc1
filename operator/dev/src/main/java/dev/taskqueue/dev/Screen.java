package dev.taskqueue.dev;

/** Where a run shows itself. */
interface Screen extends TaskBoard.Watcher, AutoCloseable {
    /** A line that stays. */
    void say(String line);

    /** Shows how all stands, for the last time. */
    @Override
    void close();
}

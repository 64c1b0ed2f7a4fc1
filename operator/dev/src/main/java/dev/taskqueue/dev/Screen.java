package dev.taskqueue.dev;

/** Shows the progress of a run. */
interface Screen extends TaskBoard.Watcher, AutoCloseable {
    /** Writes a line that stays. */
    void say(String line);

    /** Shows the final state of everything. */
    @Override
    void close();
}

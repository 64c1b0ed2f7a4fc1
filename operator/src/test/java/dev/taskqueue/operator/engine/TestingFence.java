package dev.taskqueue.operator.engine;

/** Open until a story closes it. */
final class TestingFence implements Fence {
    private boolean open = true;

    @Override
    public boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    void reopen() {
        open = true;
    }
}

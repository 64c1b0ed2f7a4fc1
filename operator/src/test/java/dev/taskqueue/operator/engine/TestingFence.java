package dev.taskqueue.operator.engine;

/** A fence that is open until a story closes it. */
final class TestingFence implements Fence {
    private boolean open = true;
    private String closedNamespace = "";

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isOpen(String namespace) {
        return open && !namespace.equals(closedNamespace);
    }

    /** Closes the fence for one namespace only; an empty name closes it for none. */
    void closeFor(String namespace) {
        closedNamespace = namespace;
    }

    void close() {
        open = false;
    }

    void reopen() {
        open = true;
    }
}

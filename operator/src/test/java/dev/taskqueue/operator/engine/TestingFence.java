package dev.taskqueue.operator.engine;

/** Open until a story closes it. */
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

    /** For one namespace alone; empty for none. */
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

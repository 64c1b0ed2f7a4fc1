package dev.taskqueue.operator.engine;

/** Port: whether this process may act. Asked before every dispatch and every write; answers at once and without I/O. */
public interface Fence {
    boolean isOpen();
}

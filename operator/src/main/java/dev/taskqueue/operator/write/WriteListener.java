package dev.taskqueue.operator.write;

/** Counts the answers of the API server to writes. Called on the threads of the writers: it must be quick and must not block. */
public interface WriteListener {
    WriteListener NOBODY = (kind, result) -> {};

    /**
     * A write was answered.
     *
     * @param kind such as {@code outcome}; from a short closed list, like {@code result}
     * @param result such as {@code written} or {@code refused}
     */
    void answered(String kind, String result);
}

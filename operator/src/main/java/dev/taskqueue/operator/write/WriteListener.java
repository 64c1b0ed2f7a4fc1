package dev.taskqueue.operator.write;

/** Who counts the API server's answers to writes. Called on the writers' threads: be quick, never block. */
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

package dev.taskqueue.operator.faults;

/** The fault that replaces the forwarding of a request and its answer. */
public sealed interface Fault {
    /**
     * The proxy answers the request, and the API server does not see it.
     *
     * @param retryAfter seconds, of the header of that name; 0 = no such header
     */
    record Answer(int code, int retryAfter) implements Fault {}

    /** The connection ends, and the API server does not see the request. */
    record DropBefore() implements Fault {}

    /** The API server carries out the request, and the connection ends before the answer arrives. */
    record DropAfter() implements Fault {}

    static Fault answer(int code) {
        return new Answer(code, 0);
    }
}

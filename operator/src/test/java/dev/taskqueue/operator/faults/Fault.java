package dev.taskqueue.operator.faults;

/** What is done to a request instead of forwarding it and its answer. */
sealed interface Fault {
    /**
     * It is answered without the API server having seen it.
     *
     * @param retryAfter seconds, of the header of that name; 0 = no such header
     */
    record Answer(int code, int retryAfter) implements Fault {}

    /** The connection ends, and the API server has not seen the request. */
    record DropBefore() implements Fault {}

    /** The API server has done what was asked, and the connection ends before anybody hears of it. */
    record DropAfter() implements Fault {}

    static Fault answer(int code) {
        return new Answer(code, 0);
    }
}

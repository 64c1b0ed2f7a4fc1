package dev.taskqueue.operator.domain;

import java.util.Optional;

/** Objects of one kind in one namespace, which the operator follows by a list and a watch. */
public interface WatchState {
    /** Empty = all namespaces. */
    String namespace();

    /** Whether all that exists has been seen. */
    boolean isSynced();

    /** What the API server refuses again and again, if it does. */
    Optional<Refusal> refusal();

    /** To be called about every second, by one thread; where only the API server can tell whether it refuses, it is asked. */
    default void checkRefusal() {}

    /**
     * The API server refuses to show the objects.
     *
     * @param verb {@code list} or {@code watch}
     * @param resource such as {@code tasks.taskqueue.dev}
     * @param code of its answer, 403 or 404
     */
    public record Refusal(String verb, String resource, int code) {
        /** Of an answer to a list or a watch: whether it refuses for as long as nobody changes permissions or kinds. */
        public static boolean isRefusal(int code) {
            return code == 403 || code == 404;
        }

        @Override
        public String toString() {
            return "the API server answers " + code + " to " + verb + " " + resource;
        }
    }
}

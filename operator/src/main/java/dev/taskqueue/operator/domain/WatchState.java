package dev.taskqueue.operator.domain;

import java.util.Optional;

/** The state of a list and watch that the operator keeps, for the objects of one kind in one namespace. */
public interface WatchState {
    /** Empty = all namespaces. */
    String namespace();

    /** Whether all existing objects have been seen. */
    boolean isSynced();

    /** The refusal of the API server, if it refuses again and again. */
    Optional<Refusal> refusal();

    /** Why the last request failed without a refusal, as the end of a sentence; empty while the objects are followed. */
    default Optional<String> failure() {
        return Optional.empty();
    }

    /** Checks whether the API server refuses, if only a request can show that. To be called about every second, by one thread. */
    default void checkRefusal() {}

    /**
     * The API server refuses to show the objects.
     *
     * @param verb {@code list} or {@code watch}
     * @param resource such as {@code tasks.taskqueue.dev}
     * @param code the status code of its answer, 403 or 404
     */
    public record Refusal(String verb, String resource, int code) {
        /** Whether an answer to a list or a watch with this code is a refusal, which lasts until somebody changes permissions or kinds. */
        public static boolean isRefusal(int code) {
            return code == 403 || code == 404;
        }

        /**
         * A clause for people, with what to do.
         *
         * @param namespace empty = all
         */
        public String text(String namespace) {
            return ApiAnswerText.of(code, verb, resource, namespace);
        }
    }
}

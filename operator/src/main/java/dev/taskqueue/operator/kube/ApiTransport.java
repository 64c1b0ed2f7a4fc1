package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Port: carries requests to the API server and its answers back. It repeats nothing; the caller knows what a lost answer means. */
public interface ApiTransport {
    /**
     * Sends a request, and waits for the beginning of its answer.
     *
     * @param timeout for the whole answer; after it, reading the body fails, too
     * @throws IOException if no answer came. The request may have been carried out
     */
    Answer send(ApiRequest request, Duration timeout) throws IOException;

    /**
     * Opens a watch.
     *
     * @param path with its query
     * @param silence the longest time without data before the connection counts as dead
     * @throws RefusedException if the API server answers with anything but 200
     */
    Watch watch(String path, Duration silence) throws IOException;

    /** The answer to a request. The caller closes it. */
    interface Answer extends AutoCloseable {
        int code();

        /** When the API server answered, by its own clock; empty if it did not say. */
        Optional<Instant> date();

        /** The header {@code Retry-After}, in seconds; empty if there is none. */
        Optional<String> retryAfter();

        /** The body as it comes, for one that may be large. */
        InputStream body();

        /** The whole body, instead of {@link #body}. */
        byte[] bytes() throws IOException;

        @Override
        void close();
    }

    /** An open watch: one JSON event on each line, until the server ends it. For one thread, except {@link #cancel}. */
    interface Watch extends AutoCloseable {
        /** The next line without its line end; empty at the end of the watch. A last line without an end does not count. */
        Optional<byte[]> next() throws IOException;

        /** Ends the watch, from any thread. A thread that waits in {@link #next} gets an exception. */
        void cancel();

        @Override
        void close() throws IOException;
    }
}

package dev.taskqueue.operator.simulation.apiserver.conformance;

import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import org.jspecify.annotations.Nullable;

/** A server on which the conformance script runs: the simulated one or a real one. */
interface ScriptServer extends AutoCloseable {
    ApiAnswer send(ApiRequest request);

    /** Sends a request until the answer has this code. */
    ApiAnswer sendUntil(ApiRequest request, int code);

    Lines watch(ApiRequest request);

    /** Restarts the server; its data stay. */
    void restart();

    /** Forgets old versions of the data, and restarts the server. */
    void compactAndRestart();

    @Override
    void close();

    /** The lines of a watch. */
    interface Lines extends AutoCloseable {
        /** The code of the answer, 200 if the watch was opened. */
        int code();

        /** The next line; null at the end of the watch. It waits for the line if there is none yet. */
        @Nullable String next();

        /** The next bookmark. */
        @Nullable String bookmark();

        /** Whether the watch ends without a further line. It waits for the end. */
        boolean staysSilent();

        @Override
        void close();
    }
}

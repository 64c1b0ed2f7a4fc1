package dev.taskqueue.gateway.cluster;

import java.io.IOException;
import java.util.Optional;

/** Carries requests to an API server. Safe for use by several threads. */
public interface ClusterTransport {
    /** Sends a request once, and waits for the whole answer. */
    ClusterReply send(ClusterRequest request) throws IOException;

    /** Opens a watch as the gateway itself; fails if it is refused. */
    Watch watch(String path) throws IOException;

    /** Events, one line of JSON each. */
    interface Watch extends AutoCloseable {
        /** Waits for the next event; absent at the end. */
        Optional<String> next() throws IOException;

        /** Ends the watch; another thread may call it. */
        @Override
        void close();
    }
}

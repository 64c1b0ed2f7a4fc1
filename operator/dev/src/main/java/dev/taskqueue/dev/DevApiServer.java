package dev.taskqueue.dev;

import io.fabric8.kubernetes.client.Config;

/** The API server of one run, with the kinds of this operator installed. */
interface DevApiServer extends AutoCloseable {
    Config clientConfig();

    /** The kubectl command that talks to this server. */
    String kubectl();

    @Override
    void close();
}

package dev.taskqueue.dev;

import io.fabric8.kubernetes.client.Config;

/** The API server of one run, with our kinds in it. */
interface DevApiServer extends AutoCloseable {
    Config clientConfig();

    /** How to call kubectl so that it talks to this server. */
    String kubectl();

    @Override
    void close();
}

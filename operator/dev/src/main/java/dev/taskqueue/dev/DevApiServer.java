package dev.taskqueue.dev;

import io.fabric8.kubernetes.client.Config;
import java.util.Optional;

/** The API server of one run, with the kinds of this operator installed. */
interface DevApiServer extends AutoCloseable {
    Config clientConfig();

    /** The kubectl command that talks to this server. */
    String kubectl();

    /** The URL of the console; empty if this server does not serve it. */
    Optional<String> console();

    @Override
    void close();
}

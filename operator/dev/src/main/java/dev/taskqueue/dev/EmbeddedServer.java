package dev.taskqueue.dev;

import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import io.fabric8.kubernetes.client.Config;
import java.time.InstantSource;

/** The API server inside this process. */
final class EmbeddedServer implements ApiServer {
    private final EmbeddedApiServer server;

    EmbeddedServer(int port, InstantSource clock) {
        server = EmbeddedApiServer.start(port, clock);
    }

    @Override
    public Config clientConfig() {
        return server.clientConfig();
    }

    @Override
    public String kubectl() {
        return "kubectl --server " + server.url();
    }

    @Override
    public void close() {
        server.close();
    }
}

package dev.taskqueue.dev;

import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import io.fabric8.kubernetes.client.Config;

/** The API server that runs inside this process. */
record EmbeddedServer(EmbeddedApiServer server) implements DevApiServer {
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

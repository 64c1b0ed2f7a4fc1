package dev.taskqueue.dev;

import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.operator.ops.ConsoleFiles;
import io.fabric8.kubernetes.client.Config;
import java.util.Optional;

/** The API server that runs inside this process. It serves the console, too. */
record EmbeddedServer(EmbeddedApiServer server) implements DevApiServer {
    EmbeddedServer {
        server.serve(ConsoleFiles.PATH, new ConsoleFiles());
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
    public Optional<String> console() {
        return Optional.of(server.url() + ConsoleFiles.PATH);
    }

    @Override
    public void close() {
        server.close();
    }
}

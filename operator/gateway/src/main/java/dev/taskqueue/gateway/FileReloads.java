package dev.taskqueue.gateway;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the mapping file and the certificate again and again, and takes those that have changed into a running gateway. */
final class FileReloads {
    private static final Logger LOG = LoggerFactory.getLogger(FileReloads.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final GatewayServer server;
    private final @Nullable MappingFile mapping;

    /** @param mapping null = there is none */
    FileReloads(GatewayServer server, @Nullable MappingFile mapping) {
        this.server = server;
        this.mapping = mapping;
    }

    /** Looks every ten seconds until the thread is interrupted. */
    void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                look();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks once. */
    void look() {
        boolean valid = mapping == null || mapping.reload();
        server.followMapping();
        String unusable = server.reloadCertificate();
        if (unusable != null) {
            LOG.warn(unusable);
        }
        server.meters().configValid(valid && unusable == null);
    }
}

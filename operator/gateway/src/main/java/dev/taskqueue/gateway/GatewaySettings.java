package dev.taskqueue.gateway;

import dev.taskqueue.gateway.mapping.TaskLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a gateway. {@link SettingsReader} reads them from the environment; the dev mode begins with {@link #development}.
 *
 * @param port of TLS; 0 = any free one, null = no TLS
 * @param plaintextPort 0 = any free one, null = no plaintext
 * @param httpPort of health and metrics; 0 = any free one
 * @param bind the address of all ports; empty = all
 * @param tlsFolder with {@code tls.crt} and {@code tls.key}; null only without TLS
 * @param authentication whether callers need a token; without it everybody acts as the gateway itself
 * @param audiences one of which a token must have
 * @param tokenCache how long an accepted token counts without a new review
 * @param namespaces the only ones that are served; empty = those of the mapping
 * @param maxInFlight writes to the API server at most
 * @param requestTimeout how long a call may take at most
 * @param limits the operator's bounds for Tasks
 * @param shutdownGrace how long calls in flight may take at a stop
 * @param firstLabels whether a url without a rule goes to the Service that is called like the first label of its host, where there is one
 * @param emulator for the dev mode: paths without {@code /v2} are served, too, and web pages are refused
 */
public record GatewaySettings(
        @Nullable Integer port,
        @Nullable Integer plaintextPort,
        int httpPort,
        String bind,
        @Nullable Path tlsFolder,
        boolean authentication,
        Set<String> audiences,
        Duration tokenCache,
        Set<String> namespaces,
        int maxInFlight,
        int maxRequestBytes,
        Duration requestTimeout,
        TaskLimits limits,
        Duration shutdownGrace,
        boolean firstLabels,
        boolean emulator) {
    static final String LOOPBACK = "127.0.0.1";

    /** Checks what would be dangerous together. */
    public GatewaySettings {
        if (!authentication && !isLoopback(bind)) {
            throw new IllegalArgumentException(
                    "Without authentication the gateway starts only on loopback: everybody who reaches it acts with its rights.");
        }
    }

    private static boolean isLoopback(String address) {
        return address.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|::1|localhost");
    }

    /** A gateway for one's own machine: on loopback, without authentication. Port 0 means any free one. */
    public static GatewaySettings development(int plaintextPort) {
        return new GatewaySettings(
                null,
                plaintextPort,
                0,
                LOOPBACK,
                null,
                false,
                Set.of(),
                Duration.ofMinutes(1),
                Set.of(),
                64,
                1_572_864,
                Duration.ofSeconds(20),
                new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)),
                Duration.ofSeconds(5),
                true,
                true);
    }

    /** The same with TLS in addition; port 0 means any free one. */
    public GatewaySettings withTls(int tlsPort, Path folder) {
        return new GatewaySettings(
                tlsPort,
                plaintextPort,
                httpPort,
                bind,
                folder,
                authentication,
                audiences,
                tokenCache,
                namespaces,
                maxInFlight,
                maxRequestBytes,
                requestTimeout,
                limits,
                shutdownGrace,
                firstLabels,
                emulator);
    }
}

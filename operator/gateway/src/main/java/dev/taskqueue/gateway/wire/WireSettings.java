package dev.taskqueue.gateway.wire;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the port is opened.
 *
 * @param bind the address; empty = all
 * @param tlsPort 0 = any free one; null = no TLS
 * @param tlsFolder with {@code tls.crt} and {@code tls.key}; null only without TLS
 * @param plaintextPort 0 = any free one; null = no plaintext
 * @param longestBody how long a body may take to arrive
 * @param emulator for the dev mode: paths without a version are those of v2, and web pages are refused
 */
public record WireSettings(
        String bind,
        @Nullable Integer tlsPort,
        @Nullable Path tlsFolder,
        @Nullable Integer plaintextPort,
        int mostRequestBytes,
        Duration longestBody,
        Duration shutdownGrace,
        boolean emulator) {}

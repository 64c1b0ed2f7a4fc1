package dev.taskqueue.operator.api;

import org.jspecify.annotations.Nullable;

/** How the certificate of an HTTPS target is checked. */
@Part
public record Tls(@Nullable KeySource caFrom, @Nullable String serverName) {}

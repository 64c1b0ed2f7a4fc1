package dev.taskqueue.gateway;

import dev.taskqueue.client.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One environment variable: a line of the table that both the reading and {@code --help} come from.
 *
 * @param fallback what counts where the variable is absent or empty, as one would write it
 * @param allowed which values are allowed, in words
 * @param parse throws IllegalArgumentException for what is not allowed
 */
record GatewaySetting<T>(String name, String fallback, String allowed, String meaning, Function<String, T> parse) {
    static final String PREFIX = "TASKQUEUE_GATEWAY_";

    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    static final GatewaySetting<Integer> PORT =
            number("PORT", "8443", 0, HIGHEST_PORT, "port of gRPC and REST with TLS; 0 = no TLS");
    static final GatewaySetting<Integer> PLAINTEXT_PORT =
            number("PLAINTEXT_PORT", "0", 0, HIGHEST_PORT, "port of gRPC and REST in plaintext; 0 = none");
    static final GatewaySetting<Integer> HTTP_PORT =
            number("HTTP_PORT", "8080", 0, HIGHEST_PORT, "port of /livez, /readyz and /metrics; 0 = any free one");
    static final GatewaySetting<String> BIND =
            text("BIND", "", "an address", "address of all ports; empty = all addresses");
    static final GatewaySetting<String> TLS_DIR =
            text("TLS_DIR", "", "a folder", "has tls.crt and tls.key; both are read again when they change");
    static final GatewaySetting<String> CONFIG =
            text("CONFIG", "", "a file", "the mapping file; it is read again when it changes");
    static final GatewaySetting<Boolean> AUTHENTICATION = new GatewaySetting<>(
            PREFIX + "AUTHENTICATION",
            "Token",
            "Token or None",
            "Token = callers need a bearer token; None = only on loopback",
            value -> switch (value) {
                case "Token" -> true;
                case "None" -> false;
                default -> throw new IllegalArgumentException(value);
            });
    static final GatewaySetting<Set<String>> AUDIENCES = new GatewaySetting<>(
            PREFIX + "AUDIENCES",
            "taskqueue-gateway",
            "comma-separated audiences",
            "one of which a token must have",
            value -> list(value, Pattern.compile("[!-+\\--~]{1,1024}")));
    static final GatewaySetting<Duration> TOKEN_CACHE = duration(
            "TOKEN_CACHE",
            "60s",
            Duration.ZERO,
            Duration.ofHours(1),
            "how long an accepted token counts without a new review");
    static final GatewaySetting<Set<String>> NAMESPACES = new GatewaySetting<>(
            PREFIX + "NAMESPACES",
            "",
            "comma-separated names of namespaces",
            "the only namespaces that are served; empty = those of the mapping",
            value -> list(value, LABEL));
    static final GatewaySetting<Integer> MAX_IN_FLIGHT =
            number("MAX_IN_FLIGHT", "64", 1, 10_000, "writes to the API server at most");
    static final GatewaySetting<Integer> MAX_REQUEST_BYTES =
            number("MAX_REQUEST_BYTES", "1572864", 1_024, 100_000_000, "bytes of a request at most");
    static final GatewaySetting<Duration> REQUEST_TIMEOUT = duration(
            "REQUEST_TIMEOUT",
            "20s",
            Duration.ofSeconds(1),
            Duration.ofMinutes(10),
            "how long a call may take at most");
    static final GatewaySetting<Duration> MAX_SCHEDULE_AHEAD = duration(
            "MAX_SCHEDULE_AHEAD",
            "720h",
            Duration.ofSeconds(1),
            Duration.ofDays(365),
            "the operator's TASKQUEUE_MAX_SCHEDULE_AHEAD");
    static final GatewaySetting<Duration> MAX_DISPATCH_DEADLINE = duration(
            "MAX_DISPATCH_DEADLINE",
            "30m",
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "the operator's TASKQUEUE_MAX_DISPATCH_DEADLINE");
    static final GatewaySetting<Duration> SHUTDOWN_GRACE = duration(
            "SHUTDOWN_GRACE",
            "20s",
            Duration.ZERO,
            Duration.ofHours(1),
            "how long calls in flight may finish after SIGTERM");

    static final List<GatewaySetting<?>> ALL = List.of(
            PORT,
            PLAINTEXT_PORT,
            HTTP_PORT,
            BIND,
            TLS_DIR,
            CONFIG,
            AUTHENTICATION,
            AUDIENCES,
            TOKEN_CACHE,
            NAMESPACES,
            MAX_IN_FLIGHT,
            MAX_REQUEST_BYTES,
            REQUEST_TIMEOUT,
            MAX_SCHEDULE_AHEAD,
            MAX_DISPATCH_DEADLINE,
            SHUTDOWN_GRACE);

    private static GatewaySetting<String> text(String name, String fallback, String allowed, String meaning) {
        return new GatewaySetting<>(PREFIX + name, fallback, allowed, meaning, value -> value);
    }

    private static GatewaySetting<Integer> number(String name, String fallback, int least, int most, String meaning) {
        return new GatewaySetting<>(
                PREFIX + name, fallback, "a whole number from " + least + " to " + most, meaning, value -> {
                    if (!value.matches("[0-9]{1,9}")
                            || Integer.parseInt(value) < least
                            || Integer.parseInt(value) > most) {
                        throw new IllegalArgumentException(value);
                    }
                    return Integer.valueOf(value);
                });
    }

    private static GatewaySetting<Duration> duration(
            String name, String fallback, Duration least, Duration most, String meaning) {
        String allowed =
                "a duration from " + Durations.text(least) + " to " + Durations.text(most) + ", such as 90s or 1h30m";
        return new GatewaySetting<>(
                PREFIX + name,
                fallback,
                allowed,
                meaning,
                value -> Durations.parse(value)
                        .filter(duration -> duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0)
                        .orElseThrow(() -> new IllegalArgumentException(value)));
    }

    private static Set<String> list(String value, Pattern form) {
        var entries = new LinkedHashSet<String>();
        if (!value.isEmpty()) {
            Arrays.stream(value.split(",", -1)).map(String::strip).forEach(entry -> {
                if (!form.matcher(entry).matches()) {
                    throw new IllegalArgumentException(entry);
                }
                entries.add(entry);
            });
        }
        return entries;
    }
}

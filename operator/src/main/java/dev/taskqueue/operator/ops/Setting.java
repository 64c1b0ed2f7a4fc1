package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Durations;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One environment variable: a line of the table that both the reading and {@code --help} come from.
 *
 * @param fallback what counts where the variable is absent or empty, as one would write it
 * @param allowed which values are, in words
 * @param meaning one phrase for {@code --help}
 * @param parse throws IllegalArgumentException for what is not allowed
 */
record Setting<T>(String name, String fallback, String allowed, String meaning, Function<String, T> parse) {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    static final Setting<Set<String>> NAMESPACES = new Setting<>(
            "TASKQUEUE_NAMESPACES",
            "",
            "comma-separated names of namespaces",
            "namespaces to watch; empty = all",
            text -> new LinkedHashSet<>(list(text, name -> matching(name, LABEL))));
    static final Setting<Integer> HTTP_PORT =
            number("TASKQUEUE_HTTP_PORT", "8080", 0, 65_535, "port of /livez, /readyz and /metrics; 0 = any free one");
    static final Setting<Boolean> LEADER_ELECTION = new Setting<>(
            "TASKQUEUE_LEADER_ELECTION",
            "true",
            "true or false",
            "false only for a single process that is known to be alone",
            Setting::truth);
    static final Setting<String> LEASE_NAMESPACE = new Setting<>(
            "TASKQUEUE_LEASE_NAMESPACE",
            "",
            "the name of a namespace",
            "where the Lease of the leader lies; empty = the Pod's own namespace",
            text -> text.isEmpty() ? text : matching(text, LABEL));
    static final Setting<String> LEASE_NAME = new Setting<>(
            "TASKQUEUE_LEASE_NAME",
            "taskqueue-operator",
            "the name of an object",
            "name of the Lease of the leader",
            text -> matching(text, SUBDOMAIN));
    /** Shorter than the least, an ordinary pause of the API server would change the leader; longer than the most, nobody dispatches too long. */
    static final Setting<Duration> LEASE_DURATION = duration(
            "TASKQUEUE_LEASE_DURATION",
            "15s",
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            "how long a leader that is gone keeps others waiting");

    static final Setting<List<Cidr>> ALLOWED_TARGET_CIDRS = new Setting<>(
            "TASKQUEUE_ALLOWED_TARGET_CIDRS",
            "",
            "comma-separated blocks of addresses, such as 127.20.0.0/16",
            "addresses that are refused by rule and yet allowed as targets",
            text -> list(text, Cidr::parse));
    static final Setting<Duration> MAX_SCHEDULE_AHEAD = duration(
            "TASKQUEUE_MAX_SCHEDULE_AHEAD",
            "720h",
            Duration.ofSeconds(1),
            Duration.ofDays(365),
            "how far ahead a Task may be scheduled");
    static final Setting<Integer> MAX_IN_FLIGHT =
            number("TASKQUEUE_MAX_IN_FLIGHT", "10000", 1, 100_000, "open requests to workers at most");
    static final Setting<Integer> MAX_UNWRITTEN =
            number("TASKQUEUE_MAX_UNWRITTEN", "1000", 1, 100_000, "outcomes at most that wait for their status write");

    static final Setting<Integer> MAX_UNWRITTEN_ITEMS = number(
            "TASKQUEUE_MAX_UNWRITTEN_ITEMS",
            "2000",
            1,
            100_000,
            "outcomes of items of TaskBatches at most that wait for their status write");
    static final Setting<Duration> MAX_DISPATCH_DEADLINE = duration(
            "TASKQUEUE_MAX_DISPATCH_DEADLINE",
            "30m",
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "the longest dispatchDeadline that a Task may ask for");
    static final Setting<Duration> SHUTDOWN_GRACE = duration(
            "TASKQUEUE_SHUTDOWN_GRACE",
            "30s",
            Duration.ZERO,
            Duration.ofHours(1),
            "how long requests in flight may finish after SIGTERM");

    static final Setting<Integer> METRICS_MAX_QUEUES = number(
            "TASKQUEUE_METRICS_MAX_QUEUES",
            "2000",
            1,
            1_000_000,
            "queues at most that have series of their own in /metrics; the others are counted together as _other");

    static final Setting<LogSettings.Format> LOG_FORMAT = choice(
            "TASKQUEUE_LOG_FORMAT",
            LogSettings.Format.Text,
            LogSettings.Format.values(),
            "form of a line in the log; json = one object");
    static final Setting<LogSettings.Level> LOG_LEVEL = choice(
            "TASKQUEUE_LOG_LEVEL",
            LogSettings.Level.Info,
            LogSettings.Level.values(),
            "the least important lines that the log has; libraries log nothing below warn");

    static final Setting<LogSettings.Attempts> LOG_ATTEMPTS = choice(
            "TASKQUEUE_LOG_ATTEMPTS",
            LogSettings.Attempts.Off,
            LogSettings.Attempts.values(),
            "which attempts have a line of their own in the log");
    static final Setting<String> LOG_FOLDER = new Setting<>(
            "TASKQUEUE_LOG_FOLDER",
            "",
            "the path of a folder",
            "a folder whose files level and attempts replace the two settings above; they are read again every few seconds",
            Function.identity());
    static final Setting<Boolean> EVENTS = new Setting<>(
            "TASKQUEUE_EVENTS",
            "true",
            "true or false",
            "whether Events of Kubernetes say what a person must act on",
            Setting::truth);
    static final Setting<String> TRACES_ENDPOINT = new Setting<>(
            "TASKQUEUE_TRACES_ENDPOINT",
            "",
            "an http or https URL, such as http://collector.monitoring:4318/v1/traces",
            "where a span of each attempt is sent, by OTLP over HTTP; empty = no spans",
            Setting::httpUrl);
    static final Setting<String> TRACES_FOLDER = new Setting<>(
            "TASKQUEUE_TRACES_FOLDER",
            "",
            "the path of a folder",
            "a folder with the files headers (lines NAME: VALUE, sent with spans) and ca.crt (the collector's CA in PEM); each may be absent",
            Function.identity());

    static final Setting<Boolean> CONSOLE = new Setting<>(
            "TASKQUEUE_CONSOLE",
            "false",
            "true or false",
            "whether the files of the console are served at /console/, for a proxy that gives each user their own rights",
            Setting::truth);

    static final List<Setting<?>> ALL = List.of(
            NAMESPACES,
            HTTP_PORT,
            CONSOLE,
            LEADER_ELECTION,
            LEASE_NAMESPACE,
            LEASE_NAME,
            LEASE_DURATION,
            ALLOWED_TARGET_CIDRS,
            MAX_SCHEDULE_AHEAD,
            MAX_IN_FLIGHT,
            MAX_UNWRITTEN,
            MAX_UNWRITTEN_ITEMS,
            MAX_DISPATCH_DEADLINE,
            SHUTDOWN_GRACE,
            METRICS_MAX_QUEUES,
            LOG_FORMAT,
            LOG_LEVEL,
            LOG_ATTEMPTS,
            LOG_FOLDER,
            EVENTS,
            TRACES_ENDPOINT,
            TRACES_FOLDER);

    private static Setting<Integer> number(String name, String fallback, int least, int most, String meaning) {
        return new Setting<>(name, fallback, "a whole number from " + least + " to " + most, meaning, text -> {
            matching(text, Pattern.compile("[0-9]{1,9}"));
            return within(Integer.valueOf(text), value -> value >= least && value <= most);
        });
    }

    private static Setting<Duration> duration(
            String name, String fallback, Duration least, Duration most, String meaning) {
        String allowed = "a duration from " + Durations.format(least) + " to " + Durations.format(most)
                + ", such as 90s or 1h30m";
        return new Setting<>(
                name,
                fallback,
                allowed,
                meaning,
                text -> within(
                        Durations.parse(text), value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0));
    }

    private static <E extends Enum<E>> Setting<E> choice(String name, E fallback, E[] values, String meaning) {
        List<String> words = Arrays.stream(values).map(Setting::word).toList();
        return new Setting<>(name, word(fallback), "one of " + String.join(", ", words), meaning, text -> {
            int index = words.indexOf(text);
            if (index < 0) {
                throw new IllegalArgumentException("\"" + text + "\" is none");
            }
            return values[index];
        });
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <V> V within(V value, Predicate<V> bounds) {
        if (!bounds.test(value)) {
            throw new IllegalArgumentException(value + " is out of bounds");
        }
        return value;
    }

    private static Boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text + " is neither");
        };
    }

    /** A password in it would be shown by the line about the start. */
    private static String httpUrl(String text) {
        if (text.isEmpty()) {
            return text;
        }
        URI url = URI.create(text);
        boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!isHttp || url.getHost() == null || url.getUserInfo() != null) {
            throw new IllegalArgumentException("it has no such scheme, no host, or a user");
        }
        return text;
    }

    private static String matching(String text, Pattern form) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is none");
        }
        return text;
    }

    private static <V> List<V> list(String text, Function<String, V> entry) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .map(entry)
                        .toList();
    }
}

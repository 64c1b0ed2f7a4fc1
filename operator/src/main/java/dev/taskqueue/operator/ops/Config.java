package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operator's settings from its environment. {@link #help} lists the variables with their defaults and bounds.
 *
 * @param namespaces to watch; empty = all
 * @param httpPort of the health and metrics endpoint; 0 = any free one
 * @param console whether the files of the console are served there, too
 * @param leaseNamespace null only without leader election
 * @param leaseDuration how long a leader that is gone keeps others waiting
 * @param allowedTargetCidrs addresses that are refused by rule and yet allowed
 * @param maxScheduleAhead how far ahead a Task may be scheduled
 * @param maxInFlight open requests to workers at most
 * @param maxUnwritten outcomes at most that wait for their status write
 * @param maxUnwrittenItems the same for items of TaskBatches
 * @param maxDispatchDeadline the longest one that a Task may ask for
 * @param shutdownGrace how long requests in flight may finish after SIGTERM
 * @param maxMetricQueues queues at most that have series of their own in the metrics
 * @param events whether Events say what a person must act on
 * @param tracesEndpoint where spans are sent; empty = there are none
 * @param tracesFolder with the headers and the certificate authority for it; empty = neither
 */
public record Config(
        Set<String> namespaces,
        int httpPort,
        boolean console,
        boolean leaderElection,
        @Nullable String leaseNamespace,
        String leaseName,
        Duration leaseDuration,
        List<Cidr> allowedTargetCidrs,
        Duration maxScheduleAhead,
        int maxInFlight,
        int maxUnwritten,
        int maxUnwrittenItems,
        Duration maxDispatchDeadline,
        Duration shutdownGrace,
        int maxMetricQueues,
        boolean events,
        String tracesEndpoint,
        String tracesFolder) {

    /** The file with the name of a Pod's own namespace. */
    public static final Path POD_NAMESPACE = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

    private static final String OURS = "TASKQUEUE_";

    /**
     * The variables that Kubernetes sets in every Pod for a Service named {@code taskqueue} or {@code taskqueue-...}. They are recognized by name.
     */
    private static final Pattern OF_A_SERVICE = Pattern.compile(
            "TASKQUEUE_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    /** The one such variable whose name could also be that of a setting. It is recognized by its value. */
    private static final Pattern URL_OF_A_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

    /** The user and the password in a URL, which no line of the log may show. */
    private static final Pattern USER = Pattern.compile("//[^/]*@");

    /** The result of reading the environment; {@code warnings} are whole sentences. */
    public sealed interface Reading {
        List<String> warnings();

        /**
         * The operator can start.
         *
         * @param written each setting that is not empty, as it is written: {@code TASKQUEUE_LEASE_DURATION=15s}
         */
        record Valid(Config config, List<String> written, List<String> warnings) implements Reading {}

        /** The operator must not start; {@code errors} has all that is wrong, each a whole sentence. */
        record Invalid(List<String> errors, List<String> warnings) implements Reading {}
    }

    /**
     * Reads the environment.
     *
     * @param podNamespace normally {@link #POD_NAMESPACE}; absent outside a Pod
     */
    public static Reading read(Map<String, String> environment, Path podNamespace) {
        Map<String, String> ours = ours(environment);
        var errors = new ArrayList<String>();
        boolean election = value(Setting.LEADER_ELECTION, ours, errors, true);
        String leaseNamespace = value(Setting.LEASE_NAMESPACE, ours, errors, "?");
        if (leaseNamespace.isEmpty()) {
            leaseNamespace = contentOf(podNamespace);
        }
        if (election && leaseNamespace.isEmpty()) {
            errors.add(Setting.LEASE_NAMESPACE.name() + " is not set and there is no Pod to take it from; allowed is "
                    + Setting.LEASE_NAMESPACE.allowed() + " (or set " + Setting.LEADER_ELECTION.name()
                    + "=false where no other operator runs).");
        }
        var config = new Config(
                value(Setting.NAMESPACES, ours, errors, Set.of()),
                value(Setting.HTTP_PORT, ours, errors, 0),
                value(Setting.CONSOLE, ours, errors, false),
                election,
                leaseNamespace.isEmpty() ? null : leaseNamespace,
                value(Setting.LEASE_NAME, ours, errors, ""),
                value(Setting.LEASE_DURATION, ours, errors, Duration.ZERO),
                value(Setting.ALLOWED_TARGET_CIDRS, ours, errors, List.of()),
                value(Setting.MAX_SCHEDULE_AHEAD, ours, errors, Duration.ZERO),
                value(Setting.MAX_IN_FLIGHT, ours, errors, 0),
                value(Setting.MAX_UNWRITTEN, ours, errors, 0),
                value(Setting.MAX_UNWRITTEN_ITEMS, ours, errors, 0),
                value(Setting.MAX_DISPATCH_DEADLINE, ours, errors, Duration.ZERO),
                value(Setting.SHUTDOWN_GRACE, ours, errors, Duration.ZERO),
                value(Setting.METRICS_MAX_QUEUES, ours, errors, 0),
                value(Setting.EVENTS, ours, errors, false),
                value(Setting.TRACES_ENDPOINT, ours, errors, ""),
                value(Setting.TRACES_FOLDER, ours, errors, ""));
        value(Setting.LOG_ATTEMPTS, ours, errors, LogSettings.Attempts.Off);
        value(Setting.LOG_FORMAT, ours, errors, LogSettings.Format.Text);
        value(Setting.LOG_LEVEL, ours, errors, LogSettings.Level.Info);
        List<String> warnings = warnings(ours);
        return errors.isEmpty()
                ? new Reading.Valid(config, written(ours), warnings)
                : new Reading.Invalid(List.copyOf(errors), warnings);
    }

    /** How to write the log. A value that is not allowed counts as absent here: {@link #read} reports it, and that is a line in the log. */
    public static LogSettings logSettings(Map<String, String> environment) {
        Map<String, String> ours = ours(environment);
        var reportedByRead = new ArrayList<String>();
        return new LogSettings(
                value(Setting.LOG_FORMAT, ours, reportedByRead, LogSettings.Format.Text),
                value(Setting.LOG_LEVEL, ours, reportedByRead, LogSettings.Level.Info),
                value(Setting.LOG_ATTEMPTS, ours, reportedByRead, LogSettings.Attempts.Off));
    }

    /** The folder of {@link LogSettingsFolder}; empty if there is none. */
    public static Optional<Path> logFolder(Map<String, String> environment) {
        return Optional.of(value(Setting.LOG_FOLDER, ours(environment), new ArrayList<>(), ""))
                .filter(path -> !path.isEmpty())
                .map(Path::of);
    }

    /** Whether there is a span of each attempt. */
    public boolean hasTraces() {
        return !tracesEndpoint.isEmpty();
    }

    /** How long a leader tries to renew before it stops: two thirds of the lease, as Kubernetes' own components do. */
    public Duration renewDeadline() {
        return leaseDuration.multipliedBy(2).dividedBy(3);
    }

    /** The pause between two tries to take or to renew the lease: two fifteenths of it. */
    public Duration retryPeriod() {
        return leaseDuration.multipliedBy(2).dividedBy(15);
    }

    /** What {@code --help} prints. */
    public static String help() {
        var text = new StringBuilder("""
                TaskQueue operator: delivers the Tasks of TaskQueues in a Kubernetes cluster.
                It finds the cluster by KUBECONFIG, else by the account of its own Pod. Settings come from the environment:

                """);
        for (Setting<?> setting : Setting.ALL) {
            String fallback = setting.fallback().isEmpty() ? "empty" : setting.fallback();
            text.append(setting.name()).append(" (default: ").append(fallback).append(")\n");
            text.append("    ")
                    .append(setting.meaning())
                    .append("; ")
                    .append(setting.allowed())
                    .append('\n');
        }
        return text.toString();
    }

    /** The operator's own variables without those of Kubernetes, in alphabetical order. An empty variable counts as absent. */
    private static Map<String, String> ours(Map<String, String> environment) {
        var ours = new TreeMap<String, String>();
        environment.forEach((name, value) -> {
            boolean injected = OF_A_SERVICE.matcher(name).matches()
                    || (name.endsWith("_PORT")
                            && URL_OF_A_SERVICE.matcher(value).matches());
            if (name.startsWith(OURS) && !value.isEmpty() && !injected) {
                ours.put(name, value);
            }
        });
        return ours;
    }

    /** If the value is bad, an error is added, and {@code placeholder} lets the reading go on. */
    private static <T> T value(Setting<T> setting, Map<String, String> ours, List<String> errors, T placeholder) {
        String text = ours.getOrDefault(setting.name(), setting.fallback());
        try {
            return setting.parse().apply(text);
        } catch (IllegalArgumentException e) {
            errors.add(setting.name() + " is \"" + USER.matcher(text).replaceAll("//...@") + "\"; allowed is "
                    + setting.allowed() + " (" + e.getMessage() + ").");
            return placeholder;
        }
    }

    private static List<String> written(Map<String, String> ours) {
        return Setting.ALL.stream()
                .map(setting -> Map.entry(setting.name(), ours.getOrDefault(setting.name(), setting.fallback())))
                .filter(setting -> !setting.getValue().isEmpty())
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .toList();
    }

    private static List<String> warnings(Map<String, String> ours) {
        List<String> known = Setting.ALL.stream().<String>map(Setting::name).toList();
        return ours.keySet().stream()
                .filter(name -> !known.contains(name))
                .map(name -> name + " is no setting of this version and has no effect; --help lists those there are.")
                .toList();
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}

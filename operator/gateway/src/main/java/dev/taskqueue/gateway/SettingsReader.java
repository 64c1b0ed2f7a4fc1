package dev.taskqueue.gateway;

import dev.taskqueue.gateway.mapping.TaskLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the settings from the environment, and reports all that is wrong at once. */
final class SettingsReader {
    /** What Kubernetes sets in each Pod for a Service called {@code taskqueue-gateway}. */
    private static final Pattern OF_A_SERVICE = Pattern.compile(
            GatewaySetting.PREFIX
                    + "([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern URL_OF_A_SERVICE = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Map<String, String> ours = new TreeMap<>();
    private final List<String> errors = new ArrayList<>();

    private SettingsReader(Map<String, String> environment) {
        environment.forEach((name, value) -> {
            boolean injected = OF_A_SERVICE.matcher(name).matches()
                    || URL_OF_A_SERVICE.matcher(value).matches();
            if (name.startsWith(GatewaySetting.PREFIX) && !injected) {
                ours.put(name, value.strip());
            }
        });
    }

    /** The result; {@code warnings} are whole sentences. */
    sealed interface Reading {
        List<String> warnings();

        /**
         * The gateway can start.
         *
         * @param mapping the mapping file; null if none is named
         */
        record Valid(GatewaySettings settings, @Nullable Path mapping, List<String> warnings) implements Reading {}

        /** The gateway must not start. */
        record Invalid(List<String> errors, List<String> warnings) implements Reading {}
    }

    static Reading read(Map<String, String> environment) {
        return new SettingsReader(environment).read();
    }

    private Reading read() {
        List<String> warnings = ours.keySet().stream()
                .filter(name -> GatewaySetting.ALL.stream()
                        .noneMatch(setting -> setting.name().equals(name)))
                .map(name -> name + " is no setting of the gateway and has no effect; --help lists all.")
                .toList();
        int port = value(GatewaySetting.PORT, 0);
        int plaintext = value(GatewaySetting.PLAINTEXT_PORT, 0);
        int http = value(GatewaySetting.HTTP_PORT, 0);
        String bind = value(GatewaySetting.BIND, "");
        String tls = value(GatewaySetting.TLS_DIR, "");
        String config = value(GatewaySetting.CONFIG, "");
        boolean authentication = value(GatewaySetting.AUTHENTICATION, true);
        boolean readable = errors.isEmpty();
        if (readable && port == 0 && plaintext == 0) {
            errors.add("Both " + GatewaySetting.PORT.name() + " and " + GatewaySetting.PLAINTEXT_PORT.name()
                    + " are 0, so nothing would be served; set one.");
        }
        if (readable && port != 0 && tls.isEmpty()) {
            errors.add(GatewaySetting.TLS_DIR.name() + " is not set; name the folder with tls.crt and tls.key, or set "
                    + GatewaySetting.PORT.name() + "=0.");
        }
        var limits = new TaskLimits(
                value(GatewaySetting.MAX_SCHEDULE_AHEAD, Duration.ZERO),
                value(GatewaySetting.MAX_DISPATCH_DEADLINE, Duration.ZERO));
        Set<String> audiences = value(GatewaySetting.AUDIENCES, Set.of());
        Duration tokenCache = value(GatewaySetting.TOKEN_CACHE, Duration.ZERO);
        Set<String> namespaces = value(GatewaySetting.NAMESPACES, Set.of());
        int inFlight = value(GatewaySetting.MAX_IN_FLIGHT, 1);
        int bytes = value(GatewaySetting.MAX_REQUEST_BYTES, 1);
        Duration timeout = value(GatewaySetting.REQUEST_TIMEOUT, Duration.ZERO);
        Duration grace = value(GatewaySetting.SHUTDOWN_GRACE, Duration.ZERO);
        if (!errors.isEmpty()) {
            return new Reading.Invalid(List.copyOf(errors), warnings);
        }
        try {
            var settings = new GatewaySettings(
                    port == 0 ? null : port,
                    plaintext == 0 ? null : plaintext,
                    http,
                    bind,
                    tls.isEmpty() ? null : Path.of(tls),
                    authentication,
                    audiences,
                    tokenCache,
                    namespaces,
                    inFlight,
                    bytes,
                    timeout,
                    limits,
                    grace,
                    false,
                    false);
            return new Reading.Valid(settings, config.isEmpty() ? null : Path.of(config), warnings);
        } catch (IllegalArgumentException together) {
            return new Reading.Invalid(List.of(String.valueOf(together.getMessage())), warnings);
        }
    }

    private <T> T value(GatewaySetting<T> setting, T instead) {
        String written = ours.getOrDefault(setting.name(), "");
        try {
            return setting.parse().apply(written.isEmpty() ? setting.fallback() : written);
        } catch (IllegalArgumentException notAllowed) {
            errors.add(setting.name() + "=" + written + " is not allowed; allowed is " + setting.allowed() + ".");
            return instead;
        }
    }

    /** What {@code --help} prints. */
    static String help() {
        var text = new StringBuilder("""
                TaskQueue gateway: serves the API of Google Cloud Tasks, and makes each call one request to the API server, as the caller.
                It finds the cluster by KUBECONFIG, else by the account of its own Pod. Settings come from the environment:

                """);
        for (GatewaySetting<?> setting : GatewaySetting.ALL) {
            text.append(setting.name())
                    .append(" (default: ")
                    .append(setting.fallback().isEmpty() ? "empty" : setting.fallback())
                    .append(")\n    ")
                    .append(setting.meaning())
                    .append("; ")
                    .append(setting.allowed())
                    .append('\n');
        }
        return text.toString();
    }
}

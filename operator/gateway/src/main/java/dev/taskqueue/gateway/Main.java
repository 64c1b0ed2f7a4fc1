package dev.taskqueue.gateway;

import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import dev.taskqueue.gateway.mapping.MappingReader;
import dev.taskqueue.gateway.mapping.MappingRules;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command: reads the settings, starts the gateway, looks at its files, and stops it in order on SIGTERM; with {@code --check} it starts nothing. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int BAD_ARGUMENTS = 2;
    private static final int NOT_STARTED = 1;

    private static final String OTHER_ARGUMENTS = """

            java -jar taskqueue-gateway.jar --check FILE checks a mapping file and starts nothing.
            java -jar taskqueue-gateway.jar --version prints the version.
            """;

    private Main() {}

    public static void main(String[] args) {
        int code = run(List.of(args));
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs the command; the exit code, or 0 while the gateway goes on running. */
    static int run(List<String> args) {
        if (args.isEmpty()) {
            return start();
        }
        if (args.equals(List.of("--help"))) {
            System.out.print(SettingsReader.help() + OTHER_ARGUMENTS);
            return 0;
        }
        if (args.equals(List.of("--version"))) {
            System.out.println("taskqueue-gateway " + GatewayVersion.current());
            return 0;
        }
        if (args.size() == 2 && args.getFirst().equals("--check")) {
            return check(Path.of(args.getLast()));
        }
        System.err.println("Unknown arguments: " + String.join(" ", args) + ". --help lists all.");
        return BAD_ARGUMENTS;
    }

    private static int check(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException unreadable) {
            System.err.println(file + " cannot be read.");
            return NOT_STARTED;
        }
        return switch (MappingReader.read(text)) {
            case MappingReader.Reading.Valid valid -> {
                System.out.println(
                        file + " is in order: " + valid.rules().namespaces().size() + " rules for namespaces, "
                                + valid.rules().targets().size() + " for urls.");
                yield 0;
            }
            case MappingReader.Reading.Invalid invalid -> {
                invalid.errors().forEach(System.err::println);
                yield NOT_STARTED;
            }
        };
    }

    private static int start() {
        SettingsReader.Reading reading = SettingsReader.read(System.getenv());
        reading.warnings().forEach(LOG::warn);
        return switch (reading) {
            case SettingsReader.Reading.Invalid invalid -> {
                invalid.errors().forEach(LOG::error);
                yield BAD_ARGUMENTS;
            }
            case SettingsReader.Reading.Valid valid -> start(valid);
        };
    }

    private static int start(SettingsReader.Reading.Valid reading) {
        Path path = reading.mapping();
        MappingFile mapping = path == null ? null : new MappingFile(path);
        if (mapping == null) {
            LOG.warn("TASKQUEUE_GATEWAY_CONFIG is not set: no project leads to a namespace, so every call is refused");
        } else {
            List<String> errors = mapping.start();
            errors.forEach(LOG::error);
            if (!errors.isEmpty()) {
                return BAD_ARGUMENTS;
            }
        }
        Supplier<MappingRules> rules = mapping == null ? () -> MappingRules.NONE : mapping::rules;
        try {
            @SuppressWarnings("resource") // closed on SIGTERM
            var server = new GatewayServer(
                    reading.settings(), new OkHttpClusterTransport(Config.autoConfigure(null)), rules);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
            Thread.ofPlatform().name("files").start(new FileReloads(server, mapping)::run);
            LOG.info(
                    "TaskQueue gateway {} is ready; /livez, /readyz and /metrics are on port {}",
                    GatewayVersion.current(),
                    server.httpPort());
            return 0;
        } catch (IOException | RuntimeException failure) {
            LOG.error("The gateway does not start", failure);
            return NOT_STARTED;
        }
    }
}

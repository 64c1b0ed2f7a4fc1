package dev.taskqueue.operator;

import dev.taskqueue.operator.ops.Config;
import java.io.IOException;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command: reads the settings, starts the operator, and stops it in order on SIGTERM. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int BAD_SETTINGS = 2;
    private static final int NOT_STARTED = 1;

    private Main() {}

    public static void main(String[] args) {
        if (Arrays.asList(args).contains("--help")) {
            System.out.print(Config.help());
            return;
        }
        Config.Reading reading = Config.read(System.getenv(), Config.POD_NAMESPACE);
        reading.warnings().forEach(LOG::warn);
        switch (reading) {
            case Config.Reading.Invalid invalid -> {
                invalid.errors().forEach(LOG::error);
                System.exit(BAD_SETTINGS);
            }
            case Config.Reading.Valid valid -> run(valid.config());
        }
    }

    private static void run(Config config) {
        LOG.info("TaskQueue operator {} starts with {}", version(), config);
        LOG.warn("Leader election is not built in yet: this process acts as if it were alone, so run one at a time");
        try {
            @SuppressWarnings("resource") // closed on SIGTERM
            var operator = new TaskQueueOperator(config, io.fabric8.kubernetes.client.Config.autoConfigure(null));
            Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
            LOG.info("Ready; /livez, /readyz and /metrics are on port {}", operator.httpPort());
        } catch (IOException | RuntimeException failure) {
            LOG.error("The operator does not start", failure);
            System.exit(NOT_STARTED);
        }
    }

    /** Of the jar that runs; {@code dev} outside one. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}

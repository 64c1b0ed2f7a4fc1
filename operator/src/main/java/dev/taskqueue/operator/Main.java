package dev.taskqueue.operator;

import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.ops.LogOutput;
import dev.taskqueue.operator.ops.LogSettings;
import dev.taskqueue.operator.ops.LogSettingsFolder;
import dev.taskqueue.operator.plan.PlanCommand;
import dev.taskqueue.operator.task.TaskDraft;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command: reads the settings, starts the operator, and stops it in order on SIGTERM; with {@code plan} it starts nothing. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int BAD_ARGUMENTS = 2;
    private static final int NOT_STARTED = 1;
    private static final int LOST = 3;

    private static final String OTHER_ARGUMENTS = """

            java -jar taskqueue-operator.jar plan FILE... tells what the queues and Tasks of manifests will do, without a
            cluster; plan --help has its options.
            java -jar taskqueue-operator.jar --version prints the version.
            """;

    private Main() {}

    public static void main(String[] args) {
        switch (Command.of(List.of(args))) {
            case Command.Run _ -> start();
            case Command.Plan plan -> System.exit(plan(plan.arguments()));
            case Command.Help _ -> System.out.print(Config.help() + OTHER_ARGUMENTS);
            case Command.Version _ -> System.out.println("taskqueue-operator " + Version.current());
            case Command.Unknown unknown -> {
                System.err.println(unknown.message());
                System.exit(BAD_ARGUMENTS);
            }
        }
    }

    private static void start() {
        LogSettings log = Config.logSettings(System.getenv());
        LogOutput.apply(log);
        Config.logFolder(System.getenv()).ifPresent(folder -> new LogSettingsFolder(folder, log).follow());
        Config.Reading reading = Config.read(System.getenv(), Config.POD_NAMESPACE);
        reading.warnings().forEach(LOG::warn);
        switch (reading) {
            case Config.Reading.Invalid invalid -> {
                invalid.errors().forEach(LOG::error);
                System.exit(BAD_ARGUMENTS);
            }
            case Config.Reading.Valid valid -> run(valid);
        }
    }

    /** Only the limits among the settings are used here, so leader election is switched off. */
    private static int plan(List<String> words) {
        var environment = new HashMap<>(System.getenv());
        environment.put("TASKQUEUE_LEADER_ELECTION", "false");
        return switch (Config.read(environment, Config.POD_NAMESPACE)) {
            case Config.Reading.Invalid invalid -> {
                invalid.errors().forEach(System.err::println);
                yield BAD_ARGUMENTS;
            }
            case Config.Reading.Valid valid -> {
                Config config = valid.config();
                var operator = new PlanCommand.Operator(
                        new TaskDraft.Limits(config.maxScheduleAhead(), config.maxDispatchDeadline()),
                        new EngineLimits(config.maxInFlight(), config.maxUnwritten()));
                yield new PlanCommand(
                                new PlanCommand.Streams(System.in, System.out, System.err),
                                operator,
                                Clocks.system().wall())
                        .run(words);
            }
        };
    }

    private static void run(Config.Reading.Valid reading) {
        LOG.info("TaskQueue operator {} starts with {}", Version.current(), String.join(", ", reading.written()));
        try {
            KubeconfigRules.check(System.getenv("KUBECONFIG"));
            @SuppressWarnings("resource") // closed on SIGTERM
            var operator = new TaskQueueOperator(
                    reading.config(),
                    io.fabric8.kubernetes.client.Config.autoConfigure(null),
                    Environment.ofThisMachine(Main::lost));
            Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
            LOG.info("Ready; /livez, /readyz and /metrics are on port {}", operator.httpPort());
        } catch (NotStartedException wrong) {
            LOG.error(wrong.getMessage());
            System.exit(NOT_STARTED);
        } catch (IOException | RuntimeException failure) {
            LOG.error("The operator does not start", failure);
            System.exit(NOT_STARTED);
        }
    }

    /**
     * Ends at once, like a crash: the next leader decides about attempts in flight, and this process may do nothing any more. The hook for SIGTERM is
     * not run, because it would wait for this thread.
     */
    private static void lost() {
        LOG.error("The process ends; started anew it is a standby");
        Runtime.getRuntime().halt(LOST);
    }
}

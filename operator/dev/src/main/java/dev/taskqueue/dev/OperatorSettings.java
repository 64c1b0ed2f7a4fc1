package dev.taskqueue.dev;

import dev.taskqueue.operator.ops.Config;
import java.util.Map;

/** The settings of an operator inside this process: it runs alone, stops quickly, and may call loopback. */
public final class OperatorSettings {
    private OperatorSettings() {}

    /** The settings that the dev mode and the tests use. */
    public static Config inProcess() {
        var reading = Config.read(
                Map.of(
                        "TASKQUEUE_LEADER_ELECTION", "false",
                        "TASKQUEUE_HTTP_PORT", "0",
                        // The API server inside the process keeps no Events.
                        "TASKQUEUE_EVENTS", "false",
                        "TASKQUEUE_SHUTDOWN_GRACE", "2s",
                        "TASKQUEUE_ALLOWED_TARGET_CIDRS", ServiceStubs.RANGE),
                Config.POD_NAMESPACE);
        return switch (reading) {
            case Config.Reading.Valid valid -> valid.config();
            case Config.Reading.Invalid invalid ->
                throw new IllegalStateException(invalid.errors().toString());
        };
    }
}

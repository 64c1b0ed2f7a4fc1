package dev.taskqueue.dev.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.PluginRun.Said;
import dev.taskqueue.dev.console.PluginRun.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin on a machine whose clock is a year late, with a real API server. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.BUSYBOX})
class PluginClockIT {
    @TempDir
    Path folder;

    @Test
    void purgeAndHoldGoByTheClockOfTheApiServer() throws IOException {
        try (var server = new RealApiServer()) {
            var plugin = new PluginRun(folder, Shell.SYSTEM, server.kubeconfig());
            server.seed(1, number -> RealApiServer.Stored.of("taskqueues", "TaskQueue", "shop", "mail", "{}", "{}"));
            Instant before = Instant.now();
            Said purged = plugin.run("", "purge", "mail", "-y", "-n", "shop");
            assertThat(purged.code()).as(purged.errors()).isZero();
            assertThat(purged.errors())
                    .contains("The clock of this machine is ", " late. The time of the API server counts: ");
            assertThat(time(server, "{.spec.purgeBefore}")).isAfter(before.minus(Duration.ofMinutes(5)));
            plugin.run("", "hold", "mail", "Anna: testing", "--until", "1h", "-n", "shop");
            assertThat(time(server, "{.metadata.annotations.taskqueue\\.dev/hold-until}"))
                    .isAfter(before.plus(Duration.ofMinutes(55)));
        }
    }

    @Test
    void agesAreCountedByTheClockOfTheApiServer() throws IOException {
        try (var server = new RealApiServer()) {
            var plugin = new PluginRun(folder, Shell.SYSTEM, server.kubeconfig());
            Instant due = Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.SECONDS);
            String status = "{\"state\": \"Running\", \"stats\": {\"tasks\": 1, \"queued\": 1, \"oldestDueTime\": \""
                    + due + "\"}}";
            server.seed(1, number -> RealApiServer.Stored.of("taskqueues", "TaskQueue", "shop", "mail", "{}", status));
            assertThat(plugin.run("", "status", "-n", "shop").out()).contains(" 3h0m ago");
            assertThat(plugin.run("", "why", "queue/mail", "-n", "shop").out()).contains(" 3h0m ago");
        }
    }

    private static Instant time(RealApiServer server, String path) {
        return Instant.parse(server.kubectl("get", "tq", "mail", "-n", "shop", "-o", "jsonpath=" + path));
    }
}

package dev.taskqueue.dev.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.dev.console.PluginRun.Said;
import dev.taskqueue.dev.console.PluginRun.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the plugin does not do: what it was not meant to be asked, and what the API server refuses. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.BUSYBOX})
@ParameterizedClass
@EnumSource(Shell.class)
class PluginRefusalsIT {
    @TempDir
    Path folder;

    private final Shell shell;
    private EmbeddedApiServer server;
    private TestingApi api;
    private PluginRun plugin;

    PluginRefusalsIT(Shell shell) {
        this.shell = shell;
    }

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start(0, InstantSource.system());
        api = new TestingApi(server.url());
        api.namespace("shop");
        api.queue("shop", "mail", "{}", "{state: Running, stats: {tasks: 40, queued: 40}}");
        plugin = new PluginRun(folder, shell, server.kubeconfig().replace("namespace: default", "namespace: shop"));
    }

    @AfterEach
    void stop() {
        api.close();
        server.close();
    }

    @Test
    void wrongUseIsToldWithExitCodeTwo() {
        for (String[] arguments : new String[][] {
            {"bogus"},
            {"hold", "mail"},
            {"why"},
            {"why", "mail-000", "bad"},
            {"hold", "mail", "x", "--until", "soon"},
            {"hold", "mail", "x", "--until", "TodayZ"},
            {"hold", "mail", "x", "--until", "2025-11-29T11:59:00Z"},
            {"redrive"},
            {"redrive", "bad", "-q", "order-tasks"},
            {"purge", "mail", "newsletter"},
            {"cancel", "bad", "-l", "order=4711"}
        }) {
            Said said = plugin.run("", arguments);
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.errors()).endsWith("See: kubectl taskqueue help\n");
        }
        assertThat(plugin.run("", "help").out()).startsWith("kubectl taskqueue sees and operates TaskQueues.");
        assertThat(plugin.run("").out()).isEqualTo(plugin.run("", "--help").out());
    }

    @Test
    void aListThatIsRefusedIsNoEmptyList() {
        api.task("shop", "mail-000", "mail", "{state: Queued}");
        Said refused = plugin.run("", "cancel", "-l", "not a label!");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(plugin.run("", "cancel", "-l", "order=0").out()).isEqualTo("No Task has order=0.\n");
    }
}

package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.Shell;
import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the commands of {@code samples/curl}, with and without a misspelt field, against a real API server. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class StrictCreationIT {
    private static final String PAGE = "samples/curl/README.md";

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void theSamplesWayOfCreatingRefusesAMisspeltField() {
        Shell shell = cluster.plane().newShell();
        String commands = MarkdownPage.blocks(PAGE).stream()
                .map(MarkdownPage.Block::text)
                .filter(text -> text.startsWith("TASKS="))
                .findFirst()
                .orElseThrow()
                .replace("/namespaces/default/", "/namespaces/" + cluster.namespace() + "/");
        String create = commands.substring(0, commands.indexOf("curl $TASKS/"));
        String misspelt = create.replace("\"spec\": {", "\"spec\": {\"scheduletime\": \"2026-12-24T18:00:00Z\", ");

        assertThat(behindAProxy(shell, misspelt))
                .contains("\"code\": 400")
                .contains("strict decoding error: unknown field \\\"spec.scheduletime\\\"");
        assertThat(cluster.get("hello-curl").isMissingNode()).isTrue();
        // Without Strict the same request creates a Task that has lost its time.
        assertThat(behindAProxy(shell, misspelt.replace("?fieldValidation=Strict", "")))
                .contains("\"kind\": \"Task\"")
                .doesNotContain("2026-12-24T18:00:00Z");
        cluster.deleteTask("hello-curl");
        assertThat(behindAProxy(shell, create)).contains("\"kind\": \"Task\"");
    }

    /** The page's address is that of a proxy on this machine, which adds the credentials. */
    private static String behindAProxy(Shell shell, String commands) {
        return shell.run("""
                kubectl proxy --port=0 > $HOME/proxy.log &
                trap "kill $!; rm -f $HOME/proxy.log" EXIT
                until grep -q 'Starting to serve on' $HOME/proxy.log; do sleep 0.1; done
                address=$(grep -o '127[.0-9:]*' $HOME/proxy.log)
                %s
                """.formatted(commands.replace("http://127.0.0.1:8001", "http://$address")
                .replace("curl ", "curl -sS --noproxy '*' ")));
    }
}

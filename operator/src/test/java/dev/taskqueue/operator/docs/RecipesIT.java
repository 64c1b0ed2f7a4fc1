package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.Shell;
import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Runs {@code docs/recipes.md} from top to bottom, in one namespace, with a running operator and a worker behind the Service that the recipes name.
 */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class RecipesIT {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void everyManifestIsTakenAndEveryCommandWorks() {
        cluster.worker("order-worker");
        cluster.privilegedOperator();
        Shell shell = cluster.plane().newShell();
        shell.run("kubectl config set-context --current --namespace=" + cluster.namespace());
        var blocks = MarkdownPage.blocks("docs/recipes.md");
        for (MarkdownPage.Block block : blocks) {
            switch (block.language()) {
                case "yaml" -> shell.run("kubectl create --validate=strict -f - <<'PAGE'\n" + block.text() + "PAGE\n");
                case "sh" -> shell.run(block.text());
                default -> fail("Nobody knows what to do with the block of line %d.", block.line());
            }
        }
        assertThat(blocks).isNotEmpty();
        // The recipes promise these results.
        cluster.awaitState("order-4711-invoice", "Succeeded");
        cluster.awaitState("order-4712-reminder", "Scheduled");
        assertThat(cluster.get("order-4711-reminder").isMissingNode()).isTrue();
    }
}

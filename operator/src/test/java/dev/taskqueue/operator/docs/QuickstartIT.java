package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Shell;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Runs {@code docs/quickstart.md} as a reader does: every block, in order, from an empty cluster to an empty cluster. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.CONTROLLER_MANAGER, Prerequisite.HELM, Prerequisite.PYTHON})
@Order(TestCluster.LONG_FIRST)
class QuickstartIT {
    private static final String PAGE = "docs/quickstart.md";

    @Test
    void everyCommandWorksAndAnswersAsThePageShows() throws Exception {
        try (var plane = ControlPlane.startWithoutCrds()) {
            Shell shell = plane.newShell();
            plane.startControllers(
                    "deployment-controller",
                    "replicaset-controller",
                    "serviceaccount-controller",
                    "endpointslice-controller",
                    "garbage-collector-controller",
                    "namespace-controller");
            try (var node = new TestingNode(plane)) {
                walk(MarkdownPage.blocks(PAGE), shell, node);
            }
            assertThat(plane.kubectl("get", "namespaces,crd,validatingadmissionpolicy,clusterrole", "-o", "name"))
                    .doesNotContain("taskqueue", "shop");
            plane.stopControllers();
        }
    }

    private static void walk(List<MarkdownPage.Block> blocks, Shell shell, TestingNode node) {
        var softly = new SoftAssertions();
        @Nullable String answer = null;
        for (MarkdownPage.Block block : blocks) {
            switch (block.language()) {
                case "sh" -> {
                    try {
                        answer = shell.run(block.text());
                    } finally {
                        // An error in the node explains why the command failed.
                        node.check();
                    }
                }
                case "text" -> {
                    if (answer == null) {
                        fail("The output in line %d follows no command.", block.line());
                    } else {
                        softly.assertThat(MarkdownPage.shape(answer))
                                .as("%s:%d, which answered\n%s", PAGE, block.line(), answer)
                                .isEqualTo(MarkdownPage.shape(block.text()));
                    }
                    answer = null;
                }
                default -> fail("Nobody knows what to do with the block of line %d.", block.line());
            }
        }
        softly.assertAll();
        assertThat(blocks).isNotEmpty();
    }
}

package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Shell;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs the commands of {@code docs/platform.md} from top to bottom. Manifests of products that are not installed here are only read; the page says that
 * they were not tried.
 */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.CONTROLLER_MANAGER, Prerequisite.HELM})
@ResourceLock(ControlPlane.CONTROLLERS)
class PlatformIT {
    private static final String PAGE = "docs/platform.md";

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void everyCommandAnswersAsThePageShows() {
        cluster.worker("order-worker");
        cluster.privilegedOperator();
        Shell shell = cluster.plane().newShell();
        shell.run("kubectl config set-context --current --namespace=" + cluster.namespace());
        cluster.plane().startControllers("resourcequota-controller");
        var softly = new SoftAssertions();
        List<MarkdownPage.Block> blocks = MarkdownPage.blocks(PAGE);
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).language().equals("sh")) {
                boolean shown =
                        i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
                String answer = run(shell, blocks.get(i).text(), shown);
                if (shown) {
                    softly.assertThat(MarkdownPage.shape(answer))
                            .as("%s:%d, which answered\n%s", PAGE, blocks.get(i).line(), answer)
                            .isEqualTo(MarkdownPage.shape(blocks.get(i + 1).text()));
                }
            }
        }
        cluster.plane().stopControllers();
        softly.assertAll();
    }

    /** Runs commands in the test's namespace instead of the page's. Those whose output is shown may be refused. */
    private String run(Shell shell, String commands, boolean shown) {
        String here = commands.replace("metadata.name: shop", "metadata.name: " + cluster.namespace());
        return shell.run(shown ? "set +e\n" + here + "true\n" : here).replace(cluster.namespace(), "shop");
    }

    @Test
    void theManifestsOfOtherProductsAreReadable() throws IOException {
        var kinds = new TreeSet<String>();
        for (MarkdownPage.Block block : MarkdownPage.blocks(PAGE)) {
            if (block.language().equals("yaml")) {
                JsonNode object = new YAMLMapper().readTree(block.text());
                assertThat(object.isObject()).as("line %d", block.line()).isTrue();
                kinds.add(object.path("kind").asText("values"));
            }
        }
        assertThat(kinds)
                .containsExactly(
                        "ClusterPolicy",
                        "HorizontalPodAutoscaler",
                        "K8sRequiredLabels",
                        "PeerAuthentication",
                        "ScaledObject",
                        "VirtualService",
                        "values");
    }

    @Test
    void theAutoscalerOfKubernetesItselfIsAccepted() {
        String manifest = MarkdownPage.blocks(PAGE).stream()
                .map(MarkdownPage.Block::text)
                .filter(text -> text.contains("kind: HorizontalPodAutoscaler"))
                .findFirst()
                .orElseThrow();

        assertThat(cluster.kubectlWithInput(manifest, "create", "--validate=strict", "-f", "-"))
                .contains("created");
    }
}

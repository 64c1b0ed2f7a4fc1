package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class QueueReadinessTest {
    @Test
    void aQueueIsReadyWhenTheOperatorHasReportedOnItsLastChange() throws IOException, InterruptedException {
        try (var server = EmbeddedApiServer.start(0, InstantSource.system());
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(server.clientConfig())
                        .build()) {
            var readiness = new QueueReadiness(client);
            assertThat(readiness.await(Duration.ZERO)).isTrue();
            var queue = client.resource("""
                            apiVersion: taskqueue.dev/v1beta1
                            kind: TaskQueue
                            metadata: {name: orders, namespace: default}
                            """);
            queue.create();
            assertThat(readiness.await(Duration.ZERO)).isFalse();
            client.genericKubernetesResources("taskqueue.dev/v1beta1", "TaskQueue")
                    .inNamespace("default")
                    .withName("orders")
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"observedGeneration\": 1}}");
            assertThat(readiness.await(Duration.ZERO)).isTrue();
        }
    }
}

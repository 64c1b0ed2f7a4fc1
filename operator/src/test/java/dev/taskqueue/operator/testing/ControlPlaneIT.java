package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ControlPlaneIT {
    @Test
    void servesOurKindsAndCountsRequests() {
        var plane = ControlPlane.shared();
        assertThat(plane.kubectl("get", "taskqueues,tasks.taskqueue.dev", "-n", plane.newNamespace()))
                .isEmpty();
        assertThat(plane.metrics()).contains("apiserver_request_total{");
        assertThatThrownBy(() -> plane.kubectl("get", "nonsense"))
                .isInstanceOf(KubectlFailed.class)
                .hasMessageContaining("nonsense");
    }

    @Test
    void aServiceAccountOfATestMayOnlyWhatItIsAllowed() {
        var plane = ControlPlane.shared();
        String namespace = plane.newNamespace();
        plane.createServiceAccount(namespace, "nobody");
        try (var client = plane.client(plane.kubeconfig(namespace, "nobody"))) {
            assertThatThrownBy(() -> client.pods().inNamespace(namespace).list())
                    .hasMessageContaining("forbidden");
        }
    }

    @Test
    void anOwnControlPlaneKeepsItsDataAcrossARestart() {
        try (var plane = ControlPlane.startOwn("--v=1")) {
            String namespace = plane.newNamespace();
            plane.restartApiServer();
            assertThat(plane.client().namespaces().withName(namespace).get()).isNotNull();
            assertThat(plane.url()).isNotEqualTo(ControlPlane.shared().url());
        }
    }
}

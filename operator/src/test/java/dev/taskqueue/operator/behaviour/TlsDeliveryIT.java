package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import dev.taskqueue.operator.testing.TestingCertificate;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers behind TLS, whose certificate only a bundle from a ConfigMap or Secret makes good. */
class TlsDeliveryIT {
    private static final String CA = "caFrom: {configMapKeyRef: {name: sources, key: ca.crt}}";

    @AutoClose
    private final TestCluster stage = new TestCluster();

    @TempDir
    private Path folder;

    @BeforeEach
    void createQueue() {
        stage.queue("orders", "{retry: {maxAttempts: 1}}");
        stage.operator();
    }

    @Test
    void aWorkerIsTrustedByTheBundleAloneAndSeesItsName() throws Exception {
        String host = "secure." + stage.namespace() + ".svc";
        TestingCertificate certificate = TestingCertificate.madeOutFor(host, folder);
        RecordingWorker worker = stage.worker("secure", certificate);
        configMap(certificate);
        assertTlsFailed("untrusted", "");
        assertThat(worker.received()).isEmpty();
        Received request = deliver(worker, "trusted", "tls: {" + CA + "}");
        assertThat(request.header("Host")).isEqualTo(host);
        stage.queue("other", "{httpTarget: {tls: {" + CA + "}}}");
        stage.task("by-queue", "{queueRef: {name: other}, httpRequest: {serviceRef: {name: secure}}}");
        assertThat(stage.awaitState("by-queue", "Succeeded").at("/request/url").asText())
                .isEqualTo("https://%s:%d/".formatted(host, worker.port()));
    }

    @Test
    void aCertificateMadeOutForAnotherNameNeedsThatName() throws Exception {
        TestingCertificate certificate = TestingCertificate.madeOutFor("orders.example.com", folder);
        RecordingWorker worker = stage.worker("secure", certificate);
        configMap(certificate);
        assertTlsFailed("unnamed", "tls: {" + CA + "}");
        Received request = deliver(worker, "named", "tls: {" + CA + ", serverName: orders.example.com}");
        assertThat(request.header("Host")).isEqualTo("secure." + stage.namespace() + ".svc");
    }

    @Test
    void aBundleThatIsNoneIsWaitedForAndOnlyWhereTlsIsSpoken() throws Exception {
        RecordingWorker plain = stage.worker("plain");
        TestingCertificate certificate = TestingCertificate.madeOutFor("secure." + stage.namespace() + ".svc", folder);
        RecordingWorker worker = stage.worker("secure", certificate);
        stage.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: none}}");
        stage.task("plain", to("plain", "tls: {" + CA + "}"));
        stage.awaitState("plain", "Succeeded");
        assertThat(plain.received()).hasSize(1);
        stage.task("a", to("secure", "tls: {" + CA + "}"));
        assertThat(StatusConditions.message(stage.awaitReason("a", "SourceNotFound")))
                .startsWith(
                        "Key ca.crt of ConfigMap " + stage.namespace() + "/sources holds no certificates in PEM form");
        assertThat(worker.received()).isEmpty();
        stage.kubectl("delete", "configmap", "sources");
        configMap(certificate);
        stage.awaitState("a", "Succeeded");
    }

    private void configMap(TestingCertificate certificate) throws Exception {
        stage.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: '%s'}}"
                .formatted(certificate.pem().replace("\n", "\n\n")));
    }

    private Received deliver(RecordingWorker worker, String name, String tls) {
        stage.task(name, to("secure", tls));
        stage.awaitState(name, "Succeeded");
        return worker.received(name).getLast();
    }

    private void assertTlsFailed(String name, String tls) {
        stage.task(name, to("secure", tls));
        JsonNode status = stage.awaitState(name, "Failed");
        assertThat(status.at("/lastAttempt/reason").asText()).isEqualTo("TLSFailed");
    }

    private static String to(String service, String more) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: %s}%s}}"
                .formatted(service, more.isEmpty() ? "" : ", " + more);
    }
}

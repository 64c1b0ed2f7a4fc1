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

/** Workers use TLS. Only a bundle from a ConfigMap or Secret makes their certificate valid. */
class TlsDeliveryIT {
    private static final String CA = "caFrom: {configMapKeyRef: {name: sources, key: ca.crt}}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @TempDir
    private Path folder;

    @BeforeEach
    void createQueue() {
        cluster.queue("orders", "{retry: {maxAttempts: 1}}");
        cluster.operator();
    }

    @Test
    void aWorkerIsTrustedByTheBundleAloneAndSeesItsName() throws Exception {
        String host = "secure." + cluster.namespace() + ".svc";
        TestingCertificate certificate = TestingCertificate.madeOutFor(host, folder);
        RecordingWorker worker = cluster.worker("secure", certificate);
        configMap(certificate);
        assertTlsFailed("untrusted", "");
        assertThat(worker.received()).isEmpty();
        Received request = deliver(worker, "trusted", "tls: {" + CA + "}");
        assertThat(request.header("Host")).isEqualTo(host);
        cluster.queue("other", "{httpTarget: {tls: {" + CA + "}}}");
        cluster.task("by-queue", "{queueRef: {name: other}, httpRequest: {serviceRef: {name: secure}}}");
        assertThat(cluster.awaitState("by-queue", "Succeeded")
                        .at("/request/url")
                        .asText())
                .isEqualTo("https://%s:%d/".formatted(host, worker.port()));
    }

    @Test
    void aCertificateMadeOutForAnotherNameNeedsThatName() throws Exception {
        TestingCertificate certificate = TestingCertificate.madeOutFor("orders.example.com", folder);
        RecordingWorker worker = cluster.worker("secure", certificate);
        configMap(certificate);
        assertTlsFailed("unnamed", "tls: {" + CA + "}");
        Received request = deliver(worker, "named", "tls: {" + CA + ", serverName: orders.example.com}");
        assertThat(request.header("Host")).isEqualTo("secure." + cluster.namespace() + ".svc");
    }

    @Test
    void aBundleThatIsNoneIsWaitedForAndOnlyWhereTlsIsSpoken() throws Exception {
        RecordingWorker plain = cluster.worker("plain");
        TestingCertificate certificate =
                TestingCertificate.madeOutFor("secure." + cluster.namespace() + ".svc", folder);
        RecordingWorker worker = cluster.worker("secure", certificate);
        cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: none}}");
        cluster.task("plain", to("plain", "tls: {" + CA + "}"));
        cluster.awaitState("plain", "Succeeded");
        assertThat(plain.received()).hasSize(1);
        cluster.task("a", to("secure", "tls: {" + CA + "}"));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "SourceNotFound")))
                .startsWith("Key ca.crt of ConfigMap " + cluster.namespace()
                        + "/sources holds no certificates in PEM form");
        assertThat(worker.received()).isEmpty();
        cluster.kubectl("delete", "configmap", "sources");
        configMap(certificate);
        cluster.awaitState("a", "Succeeded");
    }

    @Test
    void aBundleWithOneUnreadableCertificateIsUsedWithoutIt() throws Exception {
        String host = "secure." + cluster.namespace() + ".svc";
        TestingCertificate certificate = TestingCertificate.madeOutFor(host, folder);
        RecordingWorker worker = cluster.worker("secure", certificate);
        String unreadable = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: '%s'}}"
                .formatted((unreadable + certificate.pem()).replace("\n", "\n\n")));
        assertThat(deliver(worker, "a", "tls: {" + CA + "}").header("Host")).isEqualTo(host);
        cluster.kubectl("delete", "configmap", "sources");
        cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: '%s'}}"
                .formatted(unreadable.replace("\n", "\n\n")));
        cluster.task("b", to("secure", "tls: {" + CA + "}"));
        assertThat(StatusConditions.message(cluster.awaitReason("b", "SourceNotFound")))
                .contains("holds no certificate that can be used. Not used: certificate 1: ");
    }

    private void configMap(TestingCertificate certificate) throws Exception {
        cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: sources}, data: {ca.crt: '%s'}}"
                .formatted(certificate.pem().replace("\n", "\n\n")));
    }

    private Received deliver(RecordingWorker worker, String name, String tls) {
        cluster.task(name, to("secure", tls));
        cluster.awaitState(name, "Succeeded");
        return worker.received(name).getLast();
    }

    private void assertTlsFailed(String name, String tls) {
        cluster.task(name, to("secure", tls));
        JsonNode status = cluster.awaitState(name, "Failed");
        assertThat(status.at("/lastAttempt/reason").asText()).isEqualTo("TLSFailed");
    }

    private static String to(String service, String more) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: %s}%s}}"
                .formatted(service, more.isEmpty() ? "" : ", " + more);
    }
}

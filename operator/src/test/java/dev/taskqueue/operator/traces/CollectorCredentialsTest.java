package dev.taskqueue.operator.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.testing.TestCluster;
import dev.taskqueue.operator.testing.TestingAttempts;
import dev.taskqueue.operator.testing.TestingCertificate;
import dev.taskqueue.operator.testing.TestingCollector;
import dev.taskqueue.operator.testing.TestingLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers and CA for the collector, from a folder. */
class CollectorCredentialsTest {
    @TempDir
    Path folder;

    @Test
    void headersAreReadAgainWhenTheirFileChanges() throws IOException {
        var credentials = new CollectorCredentials(folder.toString());
        assertThat(credentials.headers()).isEmpty();
        write("headers", "Authorization: Bearer one\n\nX-Scope-OrgID:shop \n");
        assertThat(credentials.headers()).isEqualTo(Map.of("Authorization", "Bearer one", "X-Scope-OrgID", "shop"));
        write("headers", "Authorization: Bearer two");
        assertThat(credentials.headers()).isEqualTo(Map.of("Authorization", "Bearer two"));
    }

    @Test
    void withoutAFolderNothingIsSent() {
        var credentials = new CollectorCredentials("");
        assertThat(credentials.headers()).isEmpty();
        assertThat(credentials.authority()).isNull();
    }

    @Test
    void aLineThatIsNoHeaderIsLeftOutAndNotShown() throws IOException {
        write("headers", "Bearer canary-1\nX-Ok: yes\nX-Bad: canary-2\u00e9\n");
        try (var log = TestingLog.of(CollectorCredentials.class)) {
            assertThat(new CollectorCredentials(folder.toString()).headers()).isEqualTo(Map.of("X-Ok", "yes"));
            assertThat(log.text()).contains("[1, 3]").doesNotContain("canary");
        }
    }

    @Test
    void spansReachACollectorWithACertificateOfItsOwnWithTheHeaders() throws Exception {
        var certificate = TestingCertificate.madeOutFor("localhost", folder);
        write("headers", "Authorization: Bearer canary");
        write("ca.crt", certificate.pem());
        try (var log = TestingLog.of(AttemptSpans.class, CollectorCredentials.class, ReportedExporter.class);
                var collector = new TestingCollector(certificate.serverContext())) {
            export(collector);
            assertThat(collector.authorizations()).containsOnly("Bearer canary");
            assertThat(log.text()).doesNotContain("canary");
        }
    }

    @Test
    void aFileThatIsNoCertificateIsToldAndStopsNothing() throws Exception {
        write("ca.crt", "canary");
        try (var log = TestingLog.of(AttemptSpans.class);
                var collector = new TestingCollector()) {
            export(collector);
            assertThat(log.text()).contains("has no certificates in PEM").doesNotContain("canary");
        }
    }

    private void export(TestingCollector collector) {
        try (var spans = new AttemptSpans(collector.endpoint(), folder.toString(), "1.2.3", () -> 0)) {
            spans.attempted(
                    TestingAttempts.first(
                            new TaskId("shop", "order-1", "uid-1"),
                            new QueueId("shop", "orders"),
                            Instant.parse("2026-11-21T09:00:00Z")),
                    Outcome.Answered.of(200),
                    Duration.ofMillis(30),
                    () -> new TraceContext("0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7", null, true));
            Awaitility.await()
                    .atMost(TestCluster.PATIENCE)
                    .until(() -> !collector.spans().isEmpty());
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}

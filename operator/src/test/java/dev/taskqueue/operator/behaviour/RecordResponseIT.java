package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code recordResponse}: a handler's words in status, and nowhere else. */
class RecordResponseIT {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @Test
    void aFailedAnswerStandsInItsAttemptAndNotInTheDeadLetter() {
        cluster.queue(
                "orders",
                "{recordResponse: Failures, retry: {maxAttempts: 2, minBackoff: 100ms}, deadLetter: {queueRef: {name: dead}}}");
        cluster.queue("dead", "{state: Paused}");
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        cluster.kubectl("create", "secret", "generic", "sources", "--from-literal=key=s3cr3t-value");
        worker.script(request -> new Answer(
                500,
                Map.of("Content-Type", "application/json"),
                "{\"attempt\":%d,\"you\":\"sent %s and %s\"}"
                        .formatted(request.attempt(), request.header("Authorization"), request.header("X-Key"))));
        cluster.operator();
        cluster.task("invoice", """
                {queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}, serviceAccountToken: {serviceAccountName: caller},
                 secretHeaders: [{name: X-Key, secretKeyRef: {name: sources, key: key}}]}}""");
        JsonNode status = cluster.awaitState("invoice", "Failed");
        String second = "{\"attempt\":2,\"you\":\"sent Bearer *** and ***\"}";
        assertThat(status.at("/lastAttempt/responseSnippet").asText()).isEqualTo(second);
        assertThat(status.path("attempts").findValuesAsText("responseSnippet"))
                .containsExactly(second.replace("2", "1"), second);
        assertThat(status.toString().split("you", -1))
                .as("in no condition or message")
                .hasSize(4);
        await().until(() -> cluster.tasks().size() == 2);
        JsonNode letter = cluster.tasks().stream()
                .filter(task -> task.at("/spec/queueRef/name").asText().equals("dead"))
                .findFirst()
                .orElseThrow();
        assertThat(letter.toString()).doesNotContain("you", "s3cr3t");
    }

    @Test
    void itBeginsWithTheSettingAndStaysOverASuccessAndARestart() {
        cluster.queue("orders", "{retry: {minBackoff: 1s, maxBackoff: 1s}}");
        worker.script(request ->
                request.attempt() < 4 ? new Answer(503, Map.of(), "no stock " + request.attempt()) : Answer.of(200));
        cluster.operator();
        cluster.task("invoice", "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}");
        await().until(() -> worker.received().size() == 1);
        cluster.patchQueue("orders", "{spec: {recordResponse: Failures}}");
        cluster.await(
                "invoice",
                status -> status.at("/lastAttempt/responseSnippet").asText().startsWith("no stock"),
                "a failure that is recorded");
        cluster.stopLast();
        cluster.operator();
        JsonNode end = cluster.awaitState("invoice", "Succeeded");
        assertThat(end.path("lastAttempt").has("responseSnippet")).isFalse();
        assertThat(end.path("attempts").findValuesAsText("responseSnippet"))
                .contains("no stock 3")
                .doesNotContain("no stock 1");
    }
}

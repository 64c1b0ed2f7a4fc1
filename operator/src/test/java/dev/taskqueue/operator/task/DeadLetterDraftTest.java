package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadLetterDraftTest {
    private static final String UID = "5f0c6c1e-0d8d-4b0e-9c55-6c1f0a2b7d11";
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    /** The names that the API server accepts. */
    private static final Pattern SUBDOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    @ParameterizedTest(name = "{0} and {1} times x, and {2}")
    @CsvSource({
        "order-4711-invoice, 0, '', order-4711-invoice-dl-5f0c6c1e",
        "a., 239, '', ",
        "a., 240, '', ",
        "a., 239, y.zz, ",
        "a., 237, .y.zz, ",
        "a., 238, .y.zz, ",
        "a., 238, -.zz, ",
        "a., 237, --y-zz, ",
    })
    void theNameIsCutToOneThatIsTaken(String begin, int length, String end, @Nullable String expected) {
        String name = DeadLetterDraft.name(new TaskId("shop", begin + "x".repeat(length) + end, UID), 1);
        assertThat(name).matches(SUBDOMAIN).endsWith("-dl-5f0c6c1e").startsWith(begin);
        if (expected != null) {
            assertThat(name).isEqualTo(expected);
        }
        assertThat(name.length()).isGreaterThan(length);
    }

    @Test
    void aTaskThatWasStartedAgainHasAnother() {
        assertThat(DeadLetterDraft.name(new TaskId("shop", "a", UID), 2)).isEqualTo("a-dl-5f0c6c1e-2");
        assertThat(DeadLetterDraft.name(new TaskId("shop", "a.".repeat(126) + "a", UID), 12))
                .matches(SUBDOMAIN)
                .endsWith("-dl-5f0c6c1e-12");
    }

    @Test
    void theRequestIsThatOfTaskAndQueueTogether() {
        JsonNode deadLetter = deadLetter("""
                {queueRef: {name: 'orders'}, delay: '1s', expireTime: '2026-11-22T09:00:00Z', ttlAfterFinished: '1h', dispatchDeadline: '30s',
                 httpRequest: {method: 'PUT', headers: {'X-Own': '1'}, body: 'ä',
                   secretHeaders: [{name: 'X-Api-Key', secretKeyRef: {name: 's', key: 'k'}}]}}""", """
                {serviceRef: {name: 'worker', port: 'http'}, scheme: 'HTTPS', path: '/queues', headers: {'X-Queues': '2'},
                 tls: {caFrom: {configMapKeyRef: {name: 'ca', key: 'crt'}}}}""", after(Outcome.Answered.of(503)));
        assertThat(deadLetter).isEqualTo(json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'Task', metadata: {namespace: 'shop', name: 'a-dl-uid-a'},
                 spec: {queueRef: {name: 'orders-failed'}, dispatchDeadline: '30s',
                  httpRequest: {serviceRef: {name: 'worker', port: 'http'}, scheme: 'HTTPS', path: '/queues', method: 'PUT',
                   headers: {'X-Own': '1', 'X-Queues': '2'},
                   secretHeaders: [{name: 'X-Api-Key', secretKeyRef: {name: 's', key: 'k'}}], body: 'ä',
                   tls: {caFrom: {configMapKeyRef: {name: 'ca', key: 'crt'}}}},
                  deadLetterOf: {queue: 'orders', task: 'a', uid: 'uid-a', reason: 'RetriesExhausted', attempts: 1, statusCode: 503}}}"""));
    }

    @Test
    void aBodyElsewhereAndAPortByNumberStayReferences() {
        JsonNode request = deadLetter(
                        "{httpRequest: {serviceRef: {name: 'w', port: 8080}, bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}}}",
                        null,
                        AttemptHistory.NONE)
                .at("/spec/httpRequest");
        assertThat(request)
                .isEqualTo(
                        json("{serviceRef: {name: 'w', port: 8080}, bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}}"));
    }

    @Test
    void theLabelsAreThoseOfTheTaskWithoutThoseOfTools() {
        JsonNode read = TestingTasks.task("a", 1, """
                labels: {team: 'orders', 'example.com/batch': 'b1', 'app.kubernetes.io/name': 'shop', 'app.kubernetes.io/managed-by': 'Helm',
                 'app.kubernetes.io/instance': 'shop', 'kustomize.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'shop',
                 'argocd.argoproj.io/instance': 'shop', 'helm.sh/chart': 'shop-1', 'applyset.kubernetes.io/part-of': 'x', 'kapp.k14s.io/app': '1'},
                ownerReferences: [{uid: 'o'}], finalizers: ['f/f'],
                annotations: {'taskqueue.dev/key': 'order_4711', 'argocd.argoproj.io/tracking-id': 't'}""", "{queueRef: {name: 'orders'}}");
        TaskObject task = TaskReader.read(read);
        DeadLetterDraft draft = DeadLetterDraft.of(task, Objects.requireNonNull(task.spec()), null)
                .withLabelsOf(read);
        assertThat(read(draft, AttemptHistory.NONE).path("metadata")).isEqualTo(json("""
                {namespace: 'shop', name: 'a-dl-uid-a',
                 labels: {'app.kubernetes.io/name': 'shop', 'example.com/batch': 'b1', team: 'orders'},
                 annotations: {'taskqueue.dev/key': 'order_4711'}}"""));
    }

    @Test
    void theStatusIsThatOfTheLastAnswer() {
        AttemptHistory progress = after(
                Outcome.Answered.of(503),
                Outcome.Answered.of(404),
                new Outcome.Unanswered(AttemptReason.ConnectionRefused, ""));
        assertThat(origin(progress).path("statusCode").asInt()).isEqualTo(404);
        assertThat(origin(progress).path("attempts").asInt()).isEqualTo(3);
        assertThat(origin(after(new Outcome.Unanswered(AttemptReason.ConnectionRefused, "")))
                        .has("statusCode"))
                .isFalse();
        assertThat(origin(after(Outcome.Answered.of(99))).has("statusCode")).isFalse();
        assertThat(origin(AttemptHistory.NONE).path("attempts").asInt()).isZero();
    }

    @Test
    void aDeadLetterKnowsThatItIsOne() {
        assertThat(draft("{deadLetterOf: {}}", null).ofDeadLetter()).isTrue();
        assertThat(draft("{}", null).ofDeadLetter()).isFalse();
        assertThat(draft("{httpRequest: {body: 'private'}}", null).toString()).doesNotContain("private");
    }

    private static JsonNode origin(AttemptHistory progress) {
        return deadLetter("{}", null, progress).at("/spec/deadLetterOf");
    }

    private static JsonNode deadLetter(String spec, @Nullable String target, AttemptHistory progress) {
        return read(draft(spec, target), progress);
    }

    private static DeadLetterDraft draft(String spec, @Nullable String target) {
        TaskObject task = TaskReader.read(TestingTasks.task("a", 1, "", spec));
        return DeadLetterDraft.of(
                task,
                Objects.requireNonNull(task.spec()),
                target == null ? null : TestingTasks.read(target, HttpTarget.class));
    }

    private static JsonNode read(DeadLetterDraft draft, AttemptHistory progress) {
        var end = new Entry.Finished(progress, new Ending(Ending.Reason.RetriesExhausted, "Given up."), NOW);
        try {
            return TaskJson.MAPPER.readTree(draft.json(new TaskId("shop", "a", "uid-a"), ORDERS, "orders-failed", end));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static AttemptHistory after(Outcome... outcomes) {
        AttemptHistory progress = AttemptHistory.NONE;
        for (Outcome outcome : outcomes) {
            progress = progress.plus(NOW, NOW, NOW, outcome);
        }
        return progress;
    }
}

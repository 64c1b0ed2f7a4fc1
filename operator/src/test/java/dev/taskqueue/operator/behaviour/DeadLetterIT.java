package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters: which Tasks of a queue with {@code deadLetter} are copied when they fail for good, and how they go on. */
class DeadLetterIT {
    private static final Map<String, String> NO_RETRY = Map.of("TaskQueue-No-Retry", "true");
    private static final String DEAD_LETTER = "deadLetter: {queueRef: {name: orders-failed}}";
    private static final String ORDERS = "{" + DEAD_LETTER + "}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void start() {
        cluster.operator();
        worker.script(request -> new Answer(500, NO_RETRY));
    }

    @Test
    void aTaskThatFailsForGoodGoesOnInTheOtherQueue() {
        RecordingWorker handler = cluster.worker("handler");
        worker.codes(503, 404);
        cluster.queue(
                "orders",
                "{%s, retry: {giveUp: WhenEither, maxAttempts: 2, minBackoff: 10ms}, httpTarget: {headers: {X-Queue: orders}}}"
                        .formatted(DEAD_LETTER));
        cluster.queue("orders-failed", "{httpTarget: {mode: Always, serviceRef: {name: handler}}}");
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata:
                  name: invoice
                  labels: {team: shop, app.kubernetes.io/instance: shop, helm.toolkit.fluxcd.io/name: shop}
                  annotations: {taskqueue.dev/key: order_4711, meta.helm.sh/release-name: shop}
                spec:
                  queueRef: {name: orders}
                  dispatchDeadline: 30s
                  httpRequest:
                    {serviceRef: {name: worker}, method: PUT, path: '/invoice?x=1', headers: {X-Own: own}, body: 'ä'}
                """);
        String letter = letterOf("invoice");
        JsonNode failed = cluster.awaitState("invoice", "Failed");
        assertThat(StatusConditions.sentence(failed)).endsWith("Its dead letter is Task " + letter + ".");
        cluster.awaitState(letter, "Succeeded");
        assertThat(worker.received()).hasSize(2);
        assertThat(handler.received()).hasSize(1);
        Received request = handler.received().getFirst();
        assertThat(request.line()).isEqualTo("PUT /invoice?x=1 HTTP/1.1");
        assertThat(request.body()).asString().isEqualTo("ä");
        assertThat(request.headers())
                .containsEntry("X-Own", "own")
                .containsEntry("X-Queue", "orders")
                .containsEntry("X-CloudTasks-QueueName", "orders-failed")
                .containsEntry("X-CloudTasks-TaskName", "order_4711")
                .containsEntry("X-CloudTasks-TaskRetryCount", "0")
                .containsEntry("TaskQueue-DeadLetter-Queue", "orders")
                .containsEntry("TaskQueue-DeadLetter-Task", "invoice")
                .containsEntry("TaskQueue-DeadLetter-Reason", "RetriesExhausted")
                .containsEntry("TaskQueue-DeadLetter-Attempts", "2")
                .containsEntry("TaskQueue-DeadLetter-Status-Code", "404");
        assertThat(worker.received().getFirst().headers()).doesNotContainKey("TaskQueue-DeadLetter-Queue");
        JsonNode object = cluster.get(letter);
        assertThat(object.at("/metadata/labels").properties().toString()).isEqualTo("[team=\"shop\"]");
        assertThat(object.at("/metadata/ownerReferences").isMissingNode()).isTrue();
        assertThat(object.at("/metadata/annotations").size()).isEqualTo(1);
        assertThat(object.at("/spec/dispatchDeadline").asText()).isEqualTo("30s");
    }

    @Test
    void withoutItsQueueTheDeadLetterWaitsAndTheTaskDoesNot() {
        cluster.queue("orders", ORDERS);
        String letter = create("a", "");
        cluster.awaitState("a", "Failed");
        cluster.awaitReason(letter, "QueueNotFound");
        worker.codes(200);
        cluster.queue("orders-failed", "{}");
        cluster.awaitState(letter, "Succeeded");
    }

    @Test
    void whatExpiresHasOneAndWhatCouldNeverBeSentHasNone() {
        cluster.queue("orders", "{state: Paused, %s}".formatted(DEAD_LETTER));
        cluster.task("invalid", task("").replace("}}}", "}, path: /a/../b}}"));
        String letter =
                create("expires", "expireTime: '%s', ".formatted(Instant.now().plusSeconds(1)));
        cluster.awaitReason("invalid", "InvalidSpec");
        cluster.awaitReason("expires", "Expired");
        JsonNode of = cluster.get(letter).at("/spec/deadLetterOf");
        assertThat(of.path("reason").asText()).isEqualTo("Expired");
        assertThat(of.path("attempts").asInt(-1)).isZero();
        assertThat(of.has("statusCode")).isFalse();
        assertThat(cluster.get(letter).at("/spec").has("expireTime")).isFalse();
        assertThat(cluster.tasks()).hasSize(3);
    }

    @Test
    void aDeadLetterThatFailsEndsThere() {
        cluster.queue("orders", ORDERS);
        cluster.queue("orders-failed", "{}");
        String letter = create("a", "");
        cluster.awaitReason(letter, "NonRetryable");
        assertThat(cluster.tasks()).hasSize(2);
        assertThat(worker.received()).hasSize(2);
    }

    @Test
    void aTaskThatIsStartedAgainAndFailsAnewHasAnother() {
        cluster.queue("orders", ORDERS);
        cluster.queue("orders-failed", "{}");
        String letter = create("a", "");
        cluster.awaitState("a", "Failed");
        cluster.annotateTask("a", "taskqueue.dev/redrive=1");
        cluster.awaitReason(letter + "-2", "NonRetryable");
        cluster.awaitReason(letter, "NonRetryable");
        assertThat(cluster.get(letter + "-2").at("/spec/deadLetterOf/attempts").asInt())
                .isEqualTo(2);
    }

    @Test
    void whereNothingIsKeptTheDeadLetterIs() {
        cluster.queue("orders", "{retention: {failed: 0s}, %s}".formatted(DEAD_LETTER));
        cluster.queue("orders-failed", "{state: Paused}");
        String letter = create("a", "");
        cluster.awaitGone("a");
        assertThat(cluster.get(letter).at("/spec/deadLetterOf/task").asText()).isEqualTo("a");
    }

    @Test
    void aChainSendsNothingUntilTheOtherQueueIsMended() {
        cluster.queue("orders", ORDERS);
        cluster.queue("orders-failed", "{}");
        awaitReady("orders", "True Ready");
        cluster.patchQueue("orders-failed", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        awaitReady("orders", "False DeadLetterChain");
        assertThat(StatusConditions.conditions(cluster.queueStatus("orders-failed")))
                .containsEntry("Ready", "True Ready");
        worker.codes(200);
        cluster.task("waits", task(""));
        cluster.awaitState("waits", "Queued");
        assertThat(worker.received()).isEmpty();
        cluster.patchQueue("orders-failed", "{spec: {deadLetter: null}}");
        cluster.awaitState("waits", "Succeeded");
        awaitReady("orders", "True Ready");
        cluster.patchQueue("orders-failed", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        awaitReady("orders", "False DeadLetterChain");
        cluster.kubectl("delete", "tq", "orders-failed");
        awaitReady("orders", "True Ready");
        cluster.queue("orders-failed", "{deadLetter: {queueRef: {name: others}}}");
        awaitReady("orders", "False DeadLetterChain");
        cluster.stopLast();
        cluster.patchQueue("orders", "{spec: {deadLetter: {queueRef: {name: others}}}}");
        cluster.operator();
        awaitReady("orders", "True Ready");
    }

    @Test
    void whatIsInFlightWhenAChainAppearsEndsByItsQueuesOwnRules() {
        var release = new CountDownLatch(1);
        worker.script(request -> {
            if (request.task().equals("a")) {
                release.await();
            }
            return Answer.of(500);
        });
        cluster.queue("orders", "{%s, retry: {giveUp: WhenEither, maxAttempts: 1}}".formatted(DEAD_LETTER));
        cluster.queue("orders-failed", "{}");
        cluster.task("a", task(""));
        await().until(() -> worker.open() == 1);
        cluster.patchQueue("orders-failed", "{spec: {state: Paused, deadLetter: {queueRef: {name: orders}}}}");
        awaitReady("orders", "False DeadLetterChain");
        awaitReady("orders-failed", "False DeadLetterChain");
        release.countDown();
        String letter = letterOf("a");
        assertThat(StatusConditions.message(cluster.awaitReason("a", "RetriesExhausted")))
                .contains(letter);
        cluster.patchQueue("orders", "{spec: {deadLetter: null}}");
        cluster.patchQueue("orders-failed", "{spec: {state: Running, retry: {giveUp: WhenEither, maxAttempts: 1}}}");
        awaitReady("orders-failed", "True Ready");
        cluster.awaitReason(letter, "RetriesExhausted");
        // The dead letter has no dead letter itself, even though its queue now sends failed Tasks on.
        assertThat(cluster.tasks()).hasSize(2);
    }

    @Test
    void whatTheApiServerDoesNotTakeIsSaidInTheTask() {
        // Task and queue each have the maximum number of headers. Together they have more than a Task may have.
        cluster.queue("orders", "{%s, httpTarget: {headers: {%s}}}".formatted(DEAD_LETTER, headers("X-Queue", 40)));
        cluster.task("many", task("").replace("}}}", "}, headers: {%s}}}".formatted(headers("X-Own", 40))));
        assertThat(StatusConditions.sentence(cluster.awaitState("many", "Failed")))
                .endsWith("It has no dead letter in TaskQueue orders-failed: the API server refused it with 422 "
                        + "(spec.httpRequest.headers); change what Task and httpTarget say there together.");
        // In JSON, each of these characters takes six bytes, and etcd takes 1.5 MiB. That is enough for the Task, but
        // not if the header of its queue is added.
        cluster.queue(
                "wordy", "{%s, httpTarget: {headers: {X-Queue: %s}}}".formatted(DEAD_LETTER, "private".repeat(11_000)));
        cluster.task(
                "large",
                task("").replace("name: orders", "name: wordy")
                        .replace("}}}", "}, body: \"%s\"}}".formatted("\\x01".repeat(250_000))));
        assertThat(StatusConditions.message(cluster.awaitState("large", "Failed")))
                .contains("It has no dead letter in TaskQueue orders-failed: the API server refused it with 500");
        assertThat(cluster.tasks()).hasSize(2);
    }

    @Test
    void aPolicyThatWantsALabelOnEveryTaskLetsDeadLettersPass() {
        String labelled = "has(object.metadata.labels) && 'team' in object.metadata.labels";
        cluster.queue("orders", ORDERS);
        policy("team-label", labelled, "{queueRef: {name: none}}");
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: a, labels: {team: shop}}
                spec: %s
                """.formatted(task("")));
        JsonNode failed = cluster.awaitState("a", "Failed");
        assertThat(StatusConditions.sentence(failed)).endsWith("Its dead letter is Task " + letterOf("a") + ".");
        assertThat(cluster.get(letterOf("a")).at("/metadata/labels/team").asText())
                .isEqualTo("shop");
    }

    @Test
    void aPolicyThatRefusesADeadLetterIsNamedInTheTask() {
        cluster.queue("orders", ORDERS);
        policy("no-letters", "!has(object.spec.deadLetterOf)", "{queueRef: {name: none}, deadLetterOf: {queue: q}}");
        create("a", "");
        assertThat(StatusConditions.sentence(cluster.awaitState("a", "Failed")))
                .endsWith("the API server refused it with 422 by ValidatingAdmissionPolicy no-letters-"
                        + cluster.namespace()
                        + "; have that policy allow this dead letter, which has the labels of the Task.");
    }

    /** Creates a policy about new Tasks of this namespace, and waits until it refuses a Task with this spec. */
    private void policy(String name, String expression, String refused) {
        cluster.kubectlWithInput("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s-%2$s}
                spec:
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
                    resourceRules:
                      - {apiGroups: [taskqueue.dev], apiVersions: [v1beta1], operations: [CREATE], resources: [tasks]}
                  validations: [{expression: "%3$s"}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s-%2$s}
                spec: {policyName: %1$s-%2$s, validationActions: [Deny]}
                """.formatted(name, cluster.namespace(), expression), "apply", "-f", "-");
        var probes = new AtomicInteger();
        await().until(() -> {
            String probe = "probe-" + probes.getAndIncrement();
            try {
                cluster.task(probe, refused);
                cluster.deleteTask(probe);
                return false;
            } catch (KubernetesClientException denied) {
                return String.valueOf(denied.getMessage()).contains("ValidatingAdmissionPolicy '" + name);
            }
        });
    }

    private static String headers(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "%s-%d: private".formatted(name, i))
                .collect(Collectors.joining(", "));
    }

    private void awaitReady(String queue, String told) {
        cluster.awaitQueue(
                queue, status -> told.equals(StatusConditions.conditions(status).get("Ready")));
    }

    /** Creates a Task and returns the name that its dead letter will have. */
    private String create(String task, String more) {
        cluster.task(task, task(more));
        return letterOf(task);
    }

    /** The name that the dead letter of a Task has or will have. */
    private String letterOf(String task) {
        return task + "-dl-" + cluster.get(task).at("/metadata/uid").asText().substring(0, 8);
    }

    private static String task(String more) {
        return "{queueRef: {name: orders}, " + more + "httpRequest: {serviceRef: {name: worker}}}";
    }
}

package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Deleting a Task cancels it, whatever its state. The test creates two Tasks of each kind that differ only in their mark, and deletes one of them.
 * When the other one was handled, the deleted one would have been handled, too.
 */
class CancelIT {
    private static final List<String> KINDS =
            List.of("queued", "blocked", "flying", "succeeded", "failed", "backing-off", "scheduled");
    private static final String ORDER_CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: orders.shop.example.com}
            spec:
              group: shop.example.com
              scope: Namespaced
              names: {kind: Order, plural: orders, singular: order}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
            """;

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");
    private final CountDownLatch release = new CountDownLatch(1);

    @Test
    void aLabelSelectsWhatIsCancelledInEveryState() {
        createAll("labels: {order: '4711'}", "labels: {order: '4712'}");
        cluster.kubectl("delete", "tasks.taskqueue.dev", "-l", "order=4711");
        assertOnlyTheOthersGoOn();
    }

    @Test
    void whatNobodyHasLookedAtYetIsCancelledToo() {
        cluster.queue("orders", "{}");
        create("mine", "labels: {order: '4711'}", "orders", "");
        create("other", "", "orders", "");
        assertThat(cluster.status("mine").path("state").asText()).isEqualTo("Pending");
        cluster.kubectl("delete", "tasks.taskqueue.dev", "-l", "order=4711");
        cluster.operator();
        cluster.awaitState("other", "Succeeded");
        assertThat(worker.tasks()).containsExactly("other");
    }

    @Test
    @Requires(Prerequisite.CONTROLLER_MANAGER)
    @ResourceLock(ControlPlane.CONTROLLERS)
    void anOrderThatIsDeletedTakesItsTasksAlong() {
        var plane = cluster.plane();
        plane.kubectlWithInput(ORDER_CRD, "apply", "-f", "-");
        plane.kubectl("wait", "--for=condition=Established", "crd/orders.shop.example.com");
        plane.startControllers("garbage-collector-controller");
        try {
            awaitCollector();
            createAll(owner("order-4711"), owner("order-4712"));
            cluster.kubectl("delete", "orders.shop.example.com", "order-4711");
            assertOnlyTheOthersGoOn();
        } finally {
            plane.stopControllers();
        }
    }

    /** Waits for the garbage collector, which starts to collect only after some seconds. */
    private void awaitCollector() {
        String first = owner("canary");
        cluster.create(
                "{apiVersion: shop.example.com/v1, kind: Order, metadata: {name: follower, %s}}".formatted(first));
        cluster.kubectl("delete", "orders.shop.example.com", "canary");
        await().until(() ->
                cluster.kubectl("get", "orders.shop.example.com", "-o", "name").isEmpty());
    }

    private String owner(String name) {
        cluster.create("{apiVersion: shop.example.com/v1, kind: Order, metadata: {name: %s}}".formatted(name));
        String uid = cluster.kubectl("get", "orders.shop.example.com", name, "-o", "jsonpath={.metadata.uid}");
        return "ownerReferences: [{apiVersion: shop.example.com/v1, kind: Order, name: %s, uid: %s}]"
                .formatted(name, uid);
    }

    /** Creates one Task of each kind with each mark, and brings it into its state. */
    private void createAll(String mine, String others) {
        worker.script(request -> {
            String kind = request.task().replaceFirst("^[a-z]+-", "");
            if (kind.equals("flying")) {
                release.await();
            }
            boolean fails = kind.equals("failed")
                    || (kind.equals("backing-off")
                            && request.header("X-CloudTasks-TaskRetryCount").equals("0"));
            return Answer.of(fails ? 500 : 200);
        });
        cluster.queue("orders", "{retry: {minBackoff: 20s, maxBackoff: 20s}}");
        cluster.queue("paused", "{state: Paused}");
        cluster.queue("once", "{retry: {giveUp: WhenEither, maxAttempts: 1}}");
        cluster.operator();
        var marks = new TreeMap<>(Map.of("mine", mine, "other", others));
        marks.forEach((whose, mark) -> {
            create(whose + "-queued", mark, "paused", "");
            create(whose + "-blocked", mark, "orders", "", "none");
            create(whose + "-flying", mark, "orders", "");
            create(whose + "-succeeded", mark, "orders", "");
            create(whose + "-failed", mark, "once", "");
            cluster.awaitState(whose + "-queued", "Queued");
            cluster.awaitReason(whose + "-blocked", "TargetNotFound");
            cluster.awaitState(whose + "-flying", "Dispatching");
            cluster.awaitState(whose + "-succeeded", "Succeeded");
            cluster.awaitState(whose + "-failed", "Failed");
        });
        // These come last, because they wait for a time.
        Instant due = Instant.now().plusSeconds(20);
        marks.forEach((whose, mark) -> {
            create(whose + "-backing-off", mark, "orders", "");
            create(whose + "-scheduled", mark, "orders", "scheduleTime: '%s', ".formatted(due));
            cluster.awaitState(whose + "-backing-off", "BackingOff");
            cluster.awaitState(whose + "-scheduled", "Scheduled");
        });
    }

    private void assertOnlyTheOthersGoOn() {
        KINDS.forEach(kind -> cluster.awaitGone("mine-" + kind));
        List<String> before = worker.tasks();
        assertThat(before).contains("mine-flying", "mine-backing-off").doesNotContain("mine-scheduled");
        RecordingWorker none = cluster.worker("none");
        cluster.patchQueue("paused", "{spec: {state: Running}}");
        release.countDown();
        for (String kind : List.of("scheduled", "queued", "blocked", "flying", "backing-off")) {
            cluster.awaitState("other-" + kind, "Succeeded");
        }
        assertThat(none.tasks()).containsExactly("other-blocked");
        assertThat(worker.tasks().subList(before.size(), worker.tasks().size()))
                .containsExactlyInAnyOrder("other-scheduled", "other-queued", "other-backing-off");
        await().untilAsserted(() -> assertThat(cluster.tasks())
                .extracting(CancelIT::nameOf)
                .containsExactlyInAnyOrderElementsOf(
                        KINDS.stream().map(kind -> "other-" + kind).toList()));
    }

    private static String nameOf(JsonNode task) {
        return task.at("/metadata/name").asText();
    }

    private void create(String name, String mark, String queue, String more) {
        create(name, mark, queue, more, "worker");
    }

    private void create(String name, String mark, String queue, String more, String service) {
        cluster.create("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s%s}
                spec: {queueRef: {name: %s}, %shttpRequest: {serviceRef: {name: %s}}}
                """.formatted(name, mark.isEmpty() ? "" : ", " + mark, queue, more, service));
    }
}

package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the page of {@code samples/versions}: a queue moves from one version of its worker to the next and back. */
class VersionsIT {
    private static final String FOLLOWS = "{queueRef: {name: thumbnails}, %s httpRequest: {path: /thumbnails}}";
    private static final String STAYS =
            "{queueRef: {name: thumbnails}, httpRequest: {serviceRef: {name: worker-v1}, path: /thumbnails}}";

    private final TestCluster cluster = new TestCluster();
    private final RecordingWorker v1 = cluster.worker("worker-v1");
    private final RecordingWorker v2 = cluster.worker("worker-v2");

    /** Creates the queue of the sample. */
    @BeforeEach
    void createQueue() throws IOException {
        String manifest = Files.readString(ControlPlane.repository().resolve("samples/versions/versions.yaml"));
        cluster.create(manifest.split("\n---\n", 2)[0]);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void whatNamesAVersionStaysWithItAndTheRestGoesWhereTheQueuePoints() {
        cluster.operator();
        cluster.task("before", FOLLOWS.formatted(""));
        cluster.task("trial", STAYS.replace("v1", "v2"));
        cluster.task("later", FOLLOWS.formatted("delay: 4s,"));
        cluster.awaitState("before", "Succeeded");
        cluster.awaitState("trial", "Succeeded");

        pointAt("worker-v2", 2);
        cluster.task("after", FOLLOWS.formatted(""));
        cluster.task("named", STAYS);
        cluster.awaitState("later", "Succeeded");
        cluster.awaitState("after", "Succeeded");
        cluster.awaitState("named", "Succeeded");

        pointAt("worker-v1", 3);
        cluster.task("back", FOLLOWS.formatted(""));
        cluster.awaitState("back", "Succeeded");
        assertThat(v1.tasks()).containsExactlyInAnyOrder("before", "named", "back");
        assertThat(v2.tasks()).containsExactlyInAnyOrder("trial", "later", "after");
        assertThat(cluster.status("later").at("/request/url").asText())
                .startsWith("http://worker-v2." + cluster.namespace() + ".svc:");
    }

    @Test
    void onceTheSwitchIsInForceNothingGoesToTheOldVersionNotEvenWhatWasPreparedForIt() {
        cluster.operator();
        cluster.patchQueue("thumbnails", "{spec: {rateLimits: {maxDispatchesPerSecond: '0.5', maxBurstSize: 1}}}");
        cluster.awaitSettled("thumbnails", 2);
        List<String> names = IntStream.range(0, 3).mapToObj(i -> "t-" + i).toList();
        cluster.tasks(names, FOLLOWS.formatted(""));
        Awaitility.await().until(() -> !v1.tasks().isEmpty());
        cluster.patchQueue("thumbnails", "{metadata: {annotations: {taskqueue.dev/hold: moving to v2}}}");
        cluster.awaitQueueState("thumbnails", "Held");
        List<String> arrived = v1.tasks();

        pointAt("worker-v2", 3);
        cluster.patchQueue("thumbnails", "{metadata: {annotations: {taskqueue.dev/hold: null}}}");
        names.forEach(name -> cluster.awaitState(name, "Succeeded"));
        assertThat(v1.tasks()).isEqualTo(arrived).hasSizeLessThan(names.size());
        assertThat(v2.tasks()).hasSize(names.size() - arrived.size()).doesNotContainAnyElementsOf(arrived);
    }

    @Test
    void whatIsInFlightAtTheOldVersionGoesOnThereAndSaysSo() {
        var answer = new CountDownLatch(1);
        v1.script(request -> {
            answer.await();
            return RecordingWorker.Answer.of(200);
        });
        cluster.operator();
        cluster.task("a", FOLLOWS.formatted(""));
        cluster.awaitState("a", "Dispatching");
        pointAt("worker-v2", 2);
        assertThat(cluster.status("a").at("/request/url").asText()).startsWith("http://worker-v1.");
        answer.countDown();
        cluster.awaitState("a", "Succeeded");
        assertThat(v2.tasks()).isEmpty();
    }

    @Test
    void theRetryOfWhatFailedAtTheOldVersionGoesToTheNewOne() {
        v1.codes(500);
        cluster.patchQueue("thumbnails", "{spec: {retry: {minBackoff: 3s}}}");
        cluster.operator();
        cluster.task("a", FOLLOWS.formatted(""));
        cluster.awaitState("a", "BackingOff");
        pointAt("worker-v2", 3);
        cluster.awaitState("a", "Succeeded");
        Received second = v2.received("a").getFirst();
        assertThat(second.header("TaskQueue-Attempt")).isEqualTo("2");
        assertThat(second.header("Host")).isEqualTo("worker-v2." + cluster.namespace() + ".svc");
    }

    @Test
    void whatStillGoesToTheOldVersionIsListedAndModeAlwaysMovesIt() {
        cluster.plane().kubectl("delete", "service", "worker-v1", "-n", cluster.namespace());
        cluster.operator();
        pointAt("worker-v2", 2);
        cluster.create("""
                {apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: named, labels: {worker: v1}}, spec: %s}
                """.formatted(STAYS));
        cluster.awaitReason("named", "TargetNotFound");
        assertThat(stillAtV1()).isEqualTo("task.taskqueue.dev/named\n");

        cluster.patchQueue("thumbnails", "{spec: {httpTarget: {mode: Always}}}");
        assertThat(cluster.awaitState("named", "Succeeded")
                        .path("dispatchCount")
                        .asInt())
                .isEqualTo(1);
        assertThat(v2.tasks()).containsExactly("named");
        assertThat(stillAtV1()).isEmpty();
    }

    /** Asks in the way that the page shows. */
    private String stillAtV1() {
        return cluster.plane()
                .kubectl(
                        "get",
                        "tasks.taskqueue.dev",
                        "-l",
                        "worker=v1",
                        "--field-selector",
                        "status.state!=Succeeded,status.state!=Failed",
                        "-o",
                        "name",
                        "-n",
                        cluster.namespace());
    }

    private void pointAt(String service, int generation) {
        cluster.patchQueue("thumbnails", "{spec: {httpTarget: {serviceRef: {name: %s}}}}".formatted(service));
        cluster.awaitSettled("thumbnails", generation);
    }
}

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

/** What the page of {@code samples/versions} promises: a queue moves from one version of its worker to the next and back. */
class VersionsIT {
    private static final String FOLLOWS = "{queueRef: {name: thumbnails}, %s httpRequest: {path: /thumbnails}}";
    private static final String STAYS =
            "{queueRef: {name: thumbnails}, httpRequest: {serviceRef: {name: worker-v1}, path: /thumbnails}}";

    private final TestCluster stage = new TestCluster();
    private final RecordingWorker v1 = stage.worker("worker-v1");
    private final RecordingWorker v2 = stage.worker("worker-v2");

    /** The queue as the sample has it. */
    @BeforeEach
    void createQueue() throws IOException {
        String manifest = Files.readString(ControlPlane.repository().resolve("samples/versions/versions.yaml"));
        stage.create(manifest.split("\n---\n", 2)[0]);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void whatNamesAVersionStaysWithItAndTheRestGoesWhereTheQueuePoints() {
        stage.operator();
        stage.task("before", FOLLOWS.formatted(""));
        stage.task("trial", STAYS.replace("v1", "v2"));
        stage.task("later", FOLLOWS.formatted("delay: 4s,"));
        stage.awaitState("before", "Succeeded");
        stage.awaitState("trial", "Succeeded");

        pointAt("worker-v2", 2);
        stage.task("after", FOLLOWS.formatted(""));
        stage.task("named", STAYS);
        stage.awaitState("later", "Succeeded");
        stage.awaitState("after", "Succeeded");
        stage.awaitState("named", "Succeeded");

        pointAt("worker-v1", 3);
        stage.task("back", FOLLOWS.formatted(""));
        stage.awaitState("back", "Succeeded");
        assertThat(v1.tasks()).containsExactlyInAnyOrder("before", "named", "back");
        assertThat(v2.tasks()).containsExactlyInAnyOrder("trial", "later", "after");
        assertThat(stage.status("later").at("/request/url").asText())
                .startsWith("http://worker-v2." + stage.namespace() + ".svc:");
    }

    @Test
    void onceTheSwitchIsInForceNothingGoesToTheOldVersionNotEvenWhatWasPreparedForIt() {
        stage.operator();
        stage.patchQueue("thumbnails", "{spec: {rateLimits: {maxDispatchesPerSecond: '0.5', maxBurstSize: 1}}}");
        stage.awaitSettled("thumbnails", 2);
        List<String> names = IntStream.range(0, 3).mapToObj(i -> "t-" + i).toList();
        stage.tasks(names, FOLLOWS.formatted(""));
        Awaitility.await().until(() -> !v1.tasks().isEmpty());
        stage.patchQueue("thumbnails", "{metadata: {annotations: {taskqueue.dev/hold: moving to v2}}}");
        stage.awaitQueueState("thumbnails", "Held");
        List<String> arrived = v1.tasks();

        pointAt("worker-v2", 3);
        stage.patchQueue("thumbnails", "{metadata: {annotations: {taskqueue.dev/hold: null}}}");
        names.forEach(name -> stage.awaitState(name, "Succeeded"));
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
        stage.operator();
        stage.task("a", FOLLOWS.formatted(""));
        stage.awaitState("a", "Dispatching");
        pointAt("worker-v2", 2);
        assertThat(stage.status("a").at("/request/url").asText()).startsWith("http://worker-v1.");
        answer.countDown();
        stage.awaitState("a", "Succeeded");
        assertThat(v2.tasks()).isEmpty();
    }

    @Test
    void theRetryOfWhatFailedAtTheOldVersionGoesToTheNewOne() {
        v1.codes(500);
        stage.patchQueue("thumbnails", "{spec: {retry: {minBackoff: 3s}}}");
        stage.operator();
        stage.task("a", FOLLOWS.formatted(""));
        stage.awaitState("a", "BackingOff");
        pointAt("worker-v2", 3);
        stage.awaitState("a", "Succeeded");
        Received second = v2.received("a").getFirst();
        assertThat(second.header("TaskQueue-Attempt")).isEqualTo("2");
        assertThat(second.header("Host")).isEqualTo("worker-v2." + stage.namespace() + ".svc");
    }

    @Test
    void whatStillGoesToTheOldVersionIsListedAndModeAlwaysMovesIt() {
        stage.plane().kubectl("delete", "service", "worker-v1", "-n", stage.namespace());
        stage.operator();
        pointAt("worker-v2", 2);
        stage.create("""
                {apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: named, labels: {worker: v1}}, spec: %s}
                """.formatted(STAYS));
        stage.awaitReason("named", "TargetNotFound");
        assertThat(stillAtV1()).isEqualTo("task.taskqueue.dev/named\n");

        stage.patchQueue("thumbnails", "{spec: {httpTarget: {mode: Always}}}");
        assertThat(stage.awaitState("named", "Succeeded").path("dispatchCount").asInt())
                .isEqualTo(1);
        assertThat(v2.tasks()).containsExactly("named");
        assertThat(stillAtV1()).isEmpty();
    }

    /** As the page asks. */
    private String stillAtV1() {
        return stage.plane()
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
                        stage.namespace());
    }

    private void pointAt(String service, int generation) {
        stage.patchQueue("thumbnails", "{spec: {httpTarget: {serviceRef: {name: %s}}}}".formatted(service));
        stage.awaitSettled("thumbnails", generation);
    }
}

package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.operator.testing.ApiRequests;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Task costs the API server, by the API server's own count. */
class WritesIT {
    private static final int TASKS = 200;

    @AutoClose
    private final TestCluster stage = new TestCluster();

    private final RecordingWorker worker = stage.worker("worker");

    /** Creation, one status write where there is something to keep, and deletion; a hundredth of that for bad luck. */
    @ParameterizedTest
    @CsvSource({"1s, 3.02", "0s, 2.02"})
    void aTaskThatSucceedsAtFirstCostsFewWrites(String retention, double writes) {
        stage.queue(
                "orders",
                "{rateLimits: {maxDispatchesPerSecond: 1000}, retention: {succeeded: %s}}".formatted(retention));
        stage.operator();
        stage.awaitQueue("orders", status -> status.has("state"));
        ApiRequests before = ApiRequests.of(stage.plane());
        IntStream.range(0, TASKS)
                .parallel()
                .forEach(i ->
                        stage.task("t-" + i, "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}}}"));
        await().until(() -> worker.received().size() == TASKS);
        await().until(() -> stage.tasks().isEmpty());
        ApiRequests after = ApiRequests.of(stage.plane());
        assertThat(after.deletes() - before.deletes()).isEqualTo(TASKS);
        assertThat((after.taskWrites() - before.taskWrites()) / (double) TASKS).isBetween(Math.floor(writes), writes);
    }
}

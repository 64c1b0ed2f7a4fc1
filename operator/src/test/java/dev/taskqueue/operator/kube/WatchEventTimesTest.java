package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchEventTimesTest {
    private Instant now = Instant.ofEpochSecond(1);
    private final WatchEventTimes times = new WatchEventTimes(() -> now);
    private final TestingSink sink = new TestingSink();

    @Test
    void theLastObjectThatWasShownCounts() {
        ObjectReflector.Sink tasks = times.noting(ResourceKind.TASKS, sink);
        assertThat(times.byResource()).isEmpty();
        tasks.seen(TestingTasks.task("a", 1), 1);
        assertThat(times.byResource()).isEqualTo(Map.of("tasks", now));
        now = Instant.ofEpochSecond(2);
        tasks.deleted(TestingTasks.task("a", 2));
        times.noting(ResourceKind.TASK_BATCHES, sink).listed("", 1);
        assertThat(times.byResource()).isEqualTo(Map.of("tasks", now, "taskbatches", now));
    }
}

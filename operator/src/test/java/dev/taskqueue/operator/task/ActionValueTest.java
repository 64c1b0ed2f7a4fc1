package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.cache.RecordState;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskTransitions;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The operator remembers the values of a Task's annotations as long as the Task exists, so they must be short. */
class ActionValueTest {
    private static final String LONG = "x".repeat(250_000);

    @Test
    void aShortValueIsKeptAsItIs() {
        assertThat(ActionValue.of(null)).isNull();
        assertThat(ActionValue.of("")).isEmpty();
        assertThat(ActionValue.of("x".repeat(256))).isEqualTo("x".repeat(256));
    }

    @Test
    void aLongValueIsKeptAsItsHash() {
        String kept = Objects.requireNonNull(ActionValue.of(LONG));
        assertThat(kept).startsWith("sha256:").hasSize(71);
        assertThat(ActionValue.of(LONG + "y")).isNotEqualTo(kept);
        assertThat(ActionValue.of(kept)).as("a value that is such a hash").isEqualTo(kept);
    }

    @Test
    void aTaskKeepsNothingLongerThanAHashOfWhatItAsksFor() {
        HandledAnnotations handled = afterSeeing(task("{}")).writtenStatus().handled();
        assertThat(Objects.requireNonNull(handled.runNow())).hasSize(71);
        assertThat(Objects.requireNonNull(handled.redrive())).hasSize(71);
    }

    /** An earlier version of the operator wrote the value itself. */
    @Test
    void aLongValueThatStatusSaysWasHeededIsNotHeededAgain() {
        TaskObject task = task("{lastHandledRunNow: '%1$s', lastHandledRedrive: '%1$s'}".formatted(LONG));
        var seen = new TaskMessage.Seen(task, TaskMessage.Era.OWN);
        assertThat(TaskTransitions.apply(RecordState.UNSEEN, seen).effects())
                .hasExactlyElementsOfTypes(TaskEffect.Offer.class);
        assertThat(task.status().toString().length()).isLessThan(1000);
    }

    private static RecordState afterSeeing(TaskObject task) {
        return TaskTransitions.apply(RecordState.UNSEEN, new TaskMessage.Seen(task, TaskMessage.Era.OWN))
                .state();
    }

    @Test
    void statusSaysTheHash() throws IOException {
        TaskObject task = task("{}");
        StatusPatch patch = StatusPatch.redriven(
                task,
                RedriveRequest.byTask(
                        java.util.Objects.requireNonNull(task.requestedActions().redrive())),
                Instant.parse("2026-11-21T09:00:00Z"));
        assertThat(TaskJson.tree(patch.body().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .at("/status/lastHandledRedrive")
                        .asText())
                .isEqualTo(ActionValue.of(LONG));
    }

    private static TaskObject task(String status) {
        String annotations =
                "annotations: {'taskqueue.dev/run-now': '%1$s', 'taskqueue.dev/redrive': '%1$s'}".formatted(LONG);
        ObjectNode task = (ObjectNode) TestingTasks.task("a", 1, annotations, "{queueRef: {name: 'orders'}}");
        task.set("status", TestingTasks.json(status));
        return TaskReader.read(task);
    }
}

package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.task.TaskJson;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueueEventsTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String GOOD =
            "{type: Ready, status: 'True', reason: Ready, message: Fine.}, {type: Paused, status: 'False', reason: Running, message: Sends.}";
    private static final String HELD =
            "{type: Ready, status: 'True', reason: Ready, message: Fine.}, {type: Paused, status: 'True', reason: Held, message: 'Held: Anna.'}";
    private static final String BLOCKED =
            GOOD + ", {type: Blocked, status: 'True', reason: TargetNotFound, message: '%d Tasks wait.'}";

    @Test
    void aNewQueueThatIsFineIsNoEvent() {
        assertThat(between(null, GOOD)).isEmpty();
        assertThat(between(GOOD, GOOD)).isEmpty();
    }

    @Test
    void aQueueThatCannotBeServedIsAWarningUntilItCan() {
        String bad = "{type: Ready, status: 'False', reason: InvalidSpec, message: Mend it.}";
        assertThat(between(null, bad)).containsExactly("Warning InvalidSpec: Mend it.");
        assertThat(between(bad, bad)).isEmpty();
        assertThat(between(bad, GOOD)).containsExactly("Normal Ready: The queue can be served again.");
    }

    @Test
    void thatTasksWaitIsSaidOnceForEachReason() {
        assertThat(between(GOOD, BLOCKED.formatted(1))).containsExactly("Warning TargetNotFound: 1 Tasks wait.");
        assertThat(between(BLOCKED.formatted(1), BLOCKED.formatted(200))).isEmpty();
        assertThat(between(BLOCKED.formatted(1), BLOCKED.formatted(1).replace("TargetNotFound", "SourceNotFound")))
                .containsExactly("Warning SourceNotFound: 1 Tasks wait.");
        String over = GOOD + ", {type: Blocked, status: 'False', reason: NotBlocked, message: None.}";
        assertThat(between(BLOCKED.formatted(1), over))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("Normal NotBlocked");
    }

    @Test
    void aSlowedQueueIsAWarning() {
        String slow = GOOD + ", {type: Throttled, status: 'True', reason: Overloaded, message: Slow.}";
        assertThat(between(GOOD, slow)).containsExactly("Warning Overloaded: Slow.");
        assertThat(between(slow, slow.replace("Slow.", "Slower."))).isEmpty();
    }

    @Test
    void aHoldIsToldInItsOwnWords() {
        assertThat(between(GOOD, HELD, "annotations: {taskqueue.dev/hold: Anna}"))
                .containsExactly("Normal Held: Held: Anna.");
        assertThat(between(HELD, HELD.replace("Anna", "Ben"), "annotations: {taskqueue.dev/hold: Ben}"))
                .containsExactly("Normal Held: Held: Ben.");
    }

    @Test
    void aReleaseSaysWhetherItCameByItself() {
        assertThat(between(HELD, GOOD)).containsExactly("Normal Released: The hold was removed.");
        assertThat(between(HELD, GOOD, "annotations: {taskqueue.dev/hold: Anna}"))
                .containsExactly("Normal Released: The hold has ended by itself, at taskqueue.dev/hold-until.");
    }

    private static List<String> between(@Nullable String before, String after) {
        return between(before, after, "labels: {}");
    }

    private static List<String> between(@Nullable String before, String after, String metadata) {
        TaskQueue queue = read("{metadata: {namespace: shop, name: mail, uid: u1, " + metadata + "}}", TaskQueue.class);
        return QueueEvents.between(queue, before == null ? null : status(before), status(after)).stream()
                .map(QueueEventsTest::text)
                .toList();
    }

    private static String text(Occurrence event) {
        assertThat(event.subject()).isEqualTo(new Occurrence.Subject(Occurrence.Kind.TaskQueue, "shop", "mail", "u1"));
        return (event.isWarning() ? "Warning " : "Normal ") + event.reason() + ": " + event.note();
    }

    private static TaskQueueStatus status(String conditions) {
        return read("{conditions: [" + conditions + "]}", TaskQueueStatus.class);
    }

    private static <T> T read(String yaml, Class<T> type) {
        try {
            return TaskJson.MAPPER.treeToValue(YAML.readTree(yaml), type);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(yaml, wrong);
        }
    }
}

package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.task.ActionValue;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TaskQueueStoreTest {
    private static final String LONG = "x".repeat(250_000);

    private final TaskQueueStore store = new TaskQueueStore();

    @Test
    void whatNobodyReadsIsNotKept() {
        TaskQueue kept = kept(Map.of("anybody/s", LONG, "taskqueue.dev/redrive", "1", "taskqueue.dev/hold", "deploy"));
        assertThat(kept.getMetadata().getManagedFields()).isEmpty();
        assertThat(kept.getMetadata().getAnnotations())
                .isEqualTo(Map.of("taskqueue.dev/redrive", "1", "taskqueue.dev/hold", "deploy"));
        assertThat(Serialization.asJson(kept).length()).isLessThan(1_000);
    }

    @Test
    void longValuesOfOursAreKeptShortAndMeanTheSame() {
        TaskQueue kept = kept(Map.of(
                "taskqueue.dev/redrive", LONG, "taskqueue.dev/hold", LONG, "taskqueue.dev/hold-until", "2026" + LONG));
        assertThat(Serialization.asJson(kept).length()).isLessThan(6_000);
        Map<String, String> annotations = kept.getMetadata().getAnnotations();
        assertThat(annotations.get("taskqueue.dev/redrive")).isEqualTo(ActionValue.of(LONG));
        Hold whole =
                Hold.of(Map.of("taskqueue.dev/hold", LONG, "taskqueue.dev/hold-until", "2026" + LONG), Instant.EPOCH);
        assertThat(Hold.of(annotations, Instant.EPOCH)).isEqualTo(whole);
    }

    @Test
    void allElseStays() {
        TaskQueue kept = kept(Map.of());
        assertThat(kept.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(kept.getMetadata().getGeneration()).isEqualTo(3);
        assertThat(kept.getMetadata().getUid()).isEqualTo("uid");
        assertThat(Objects.requireNonNull(kept.getSpec()).purgeBefore()).isEqualTo("2026-11-20T00:00:00Z");
    }

    private TaskQueue kept(Map<String, String> annotations) {
        var queue = new TaskQueue();
        queue.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("orders")
                .withUid("uid")
                .withResourceVersion("7")
                .withGeneration(3L)
                .withAnnotations(annotations)
                .withManagedFields(
                        new ManagedFieldsEntryBuilder().withManager(LONG).build())
                .build());
        queue.setSpec(
                new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null, "2026-11-20T00:00:00Z"));
        String key = store.getKey(queue);
        store.put(key, queue);
        return Objects.requireNonNull(store.get(key));
    }
}

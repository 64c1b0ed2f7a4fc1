package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.testing.TestingEngine;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A watch that is behind, beside lists that are not. */
class QueueSettingsApplierTest {
    private static final Instant START = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final QueueId LEDGER = new QueueId("bank", "ledger");

    private final QueueProfiles profiles = new QueueProfiles();
    private final List<QueueId> changed = new ArrayList<>();
    private final QueueSettingsApplier settings = new QueueSettingsApplier(
            TestingEngine.silent(() -> START, () -> true), profiles, withoutDeadLetters(), changed::add);

    @Test
    void whatTheWatchShowsLaterDoesNotUndoWhatWasRead() {
        assertThat(settings.apply(queue(ORDERS, 5, RunState.Running), START)).isTrue();
        settings.adopt("", List.of(queue(ORDERS, 9, RunState.Paused)), 12, START);
        assertThat(isPaused(ORDERS)).isTrue();
        assertThat(settings.apply(queue(ORDERS, 7, RunState.Running), START)).isFalse();
        assertThat(isPaused(ORDERS)).isTrue();
        assertThat(settings.apply(queue(ORDERS, 10, RunState.Running), START)).isTrue();
        assertThat(isPaused(ORDERS)).isFalse();
        assertThat(changed).containsExactly(ORDERS, ORDERS, ORDERS);
    }

    @Test
    void aQueueThatWasDeletedIsGoneAlthoughTheWatchStillShowsIt() {
        settings.apply(queue(ORDERS, 5, RunState.Running), START);
        settings.apply(queue(LEDGER, 6, RunState.Running), START);
        assertThat(settings.adopt("shop", List.of(), 12, START)).containsExactly(ORDERS);
        assertThat(settings.apply(queue(ORDERS, 7, RunState.Running), START)).isFalse();
        assertThat(profiles.get(ORDERS)).isNull();
        assertThat(settings.known()).containsExactly(LEDGER);
        settings.forget(ORDERS);
        assertThat(settings.apply(queue(ORDERS, 11, RunState.Running), START)).isTrue();
    }

    /** An etcd that was restored from a backup counts from a lower version. */
    @Test
    void afterFiveMinutesTheWatchCountsAgain() {
        settings.adopt("", List.of(queue(ORDERS, 9, RunState.Paused)), 12, START);
        Instant later = START.plus(Duration.ofMinutes(5));
        assertThat(settings.apply(queue(ORDERS, 3, RunState.Running), later.minusMillis(1)))
                .isFalse();
        assertThat(settings.apply(queue(ORDERS, 3, RunState.Running), later)).isTrue();
        assertThat(isPaused(ORDERS)).isFalse();
    }

    @SuppressWarnings("unchecked")
    private static DeadLetterIndex withoutDeadLetters() {
        var index = new DeadLetterIndex(_ -> {});
        index.follow((IndexerResourceCache<TaskQueue>) Proxy.newProxyInstance(
                IndexerResourceCache.class.getClassLoader(),
                new Class<?>[] {IndexerResourceCache.class},
                (_, method, _) -> method.getName().equals("byIndex") ? List.of() : null));
        return index;
    }

    private boolean isPaused(QueueId id) {
        var profile = profiles.get(id);
        assertThat(profile).isNotNull();
        return profile != null && profile.settings().paused();
    }

    private static QueueReading queue(QueueId id, long version, RunState state) {
        var queue = new TaskQueue();
        queue.setMetadata(new ObjectMetaBuilder()
                .withNamespace(id.namespace())
                .withName(id.name())
                .withGeneration(version)
                .withResourceVersion(Long.toString(version))
                .build());
        queue.setSpec(new TaskQueueSpec(state, null, null, null, null, null, null, null, null, null, null));
        return QueueReading.of(queue, START, _ -> false);
    }
}

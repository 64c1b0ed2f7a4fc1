package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Rings when the story's time comes, exactly and in order. */
final class TestingAlarm implements Alarm {
    private final Map<QueueId, Instant> set = new LinkedHashMap<>();

    @Override
    public void set(QueueId queue, Instant at) {
        set.put(queue, at);
    }

    @Override
    public void clear(QueueId queue) {
        set.remove(queue);
    }

    boolean isSet(QueueId queue) {
        return set.containsKey(queue);
    }

    @Nullable Duration next() {
        Instant next = set.values().stream().min(Comparator.naturalOrder()).orElse(null);
        return next == null ? null : Duration.between(TestingTime.START, next);
    }

    void ringDue(Instant now, Consumer<QueueId> ring) {
        var due = set.entrySet().stream()
                .filter(entry -> !entry.getValue().isAfter(now))
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(queue -> {
            set.remove(queue);
            ring.accept(queue);
        });
    }
}

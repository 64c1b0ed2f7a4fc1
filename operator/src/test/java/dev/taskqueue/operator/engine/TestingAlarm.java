package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Rings when the story's time comes, exactly and in order. */
final class TestingAlarm implements Alarm {
    private final Map<QueueId, Duration> set = new LinkedHashMap<>();

    private final TestingClocks time;

    TestingAlarm(TestingClocks time) {
        this.time = time;
    }

    @Override
    public void set(QueueId queue, Duration wait) {
        set.put(queue, time.passed().plus(wait));
    }

    @Override
    public void clear(QueueId queue) {
        set.remove(queue);
    }

    boolean isSet(QueueId queue) {
        return set.containsKey(queue);
    }

    @Nullable Duration next() {
        return set.values().stream().min(Comparator.naturalOrder()).orElse(null);
    }

    void ringDue(Duration now, Consumer<QueueId> ring) {
        var due = set.entrySet().stream()
                .filter(entry -> entry.getValue().compareTo(now) <= 0)
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(queue -> {
            set.remove(queue);
            ring.accept(queue);
        });
    }
}

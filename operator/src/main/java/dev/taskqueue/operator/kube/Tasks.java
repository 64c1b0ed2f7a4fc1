package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.TaskId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Every Task object that exists, as far as the watch has told. */
final class Tasks {
    private final Map<TaskId, TaskRecord> records = new ConcurrentHashMap<>();

    @Nullable TaskRecord get(TaskId task) {
        return records.get(task);
    }

    void put(TaskRecord record) {
        records.put(record.id, record);
    }

    @Nullable TaskRecord remove(TaskId task) {
        return records.remove(task);
    }

    void forEach(Consumer<TaskRecord> action) {
        records.values().forEach(action);
    }

    int size() {
        return records.size();
    }
}

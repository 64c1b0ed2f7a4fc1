package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.domain.TaskId;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All Task objects that exist, as far as the watch has shown. This is the only map of Tasks: everything that belongs to a Task is in its record. */
public final class TaskCache {
    private final Map<TaskId, TaskRecord> records = new ConcurrentHashMap<>();
    private volatile TaskEffectHandler<TaskRecord> effects = (record, effect) -> {};

    /** From now on this handler does what follows from the messages to all records. */
    public void handleEffects(TaskEffectHandler<TaskRecord> handler) {
        effects = handler;
        records.values().forEach(record -> record.handleEffects(handler));
    }

    public @Nullable TaskRecord get(TaskId task) {
        return records.get(task);
    }

    /** Adds a record. Returns the record that counts from now on: the present one, if the Task is known already. */
    public TaskRecord put(TaskRecord record) {
        TaskRecord present = records.putIfAbsent(record.id, record);
        if (present != null) {
            return present;
        }
        record.handleEffects(effects);
        return record;
    }

    /** The object was deleted. */
    public void remove(TaskId task) {
        TaskRecord record = records.remove(task);
        if (record != null) {
            record.apply(new TaskMessage.Deleted());
        }
    }

    public Collection<TaskRecord> all() {
        return Collections.unmodifiableCollection(records.values());
    }

    public void forEach(Consumer<TaskRecord> action) {
        records.values().forEach(action);
    }

    int size() {
        return records.size();
    }
}

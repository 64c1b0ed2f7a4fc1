package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.cache.FinishedTasks;
import dev.taskqueue.operator.cache.TaskCache;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskEffectHandler;
import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Tasks as an API server tells them, and JSON as a test likes to write it: without double quotes around names. */
public final class TestingTasks {
    private static final JsonMapper RELAXED = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private TestingTasks() {}

    public static JsonNode json(String relaxed) {
        try {
            // Numbers come out as they do from the API server's bytes.
            return TaskJson.tree(RELAXED.writeValueAsBytes(RELAXED.readTree(relaxed)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static <T> T read(String relaxed, Class<T> type) {
        try {
            return TaskJson.MAPPER.treeToValue(json(relaxed), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Task {@code shop/NAME} of queue {@code orders}, whose uid is {@code uid-NAME}; {@code more} goes on in its metadata. */
    public static JsonNode task(String name, long version, String more, String spec) {
        return json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'Task',
                 metadata: {namespace: 'shop', name: '%s', uid: 'uid-%s', resourceVersion: '%d',
                            creationTimestamp: '2026-11-21T09:00:00Z'%s},
                 spec: %s}""".formatted(name, name, version, more.isEmpty() ? "" : ", " + more, spec));
    }

    /** The same, with a status. */
    public static JsonNode task(String name, long version, String more, String spec, String status) {
        ObjectNode task = (ObjectNode) task(name, version, more, spec);
        task.set("status", json(status));
        return task;
    }

    /** Its record, once the watch has told of it. */
    public static TaskRecord seen(TaskCache tasks, JsonNode json) {
        TaskObject task = TaskReader.read(json);
        TaskRecord record = tasks.put(TaskRecord.unseen(task));
        record.apply(new TaskMessage.Seen(task, TaskMessage.Era.OWN));
        return record;
    }

    /** Does what effects say of the finished Tasks, and nothing else. */
    public static TaskEffectHandler<TaskRecord> retention(FinishedTasks finished) {
        return (record, effect) -> {
            switch (effect) {
                case TaskEffect.Retain retain ->
                    record.retain(finished.add(record, retain.success(), Objects.requireNonNull(retain.at())));
                case TaskEffect.Unretain _ -> {
                    finished.remove(Objects.requireNonNull(record.retained()));
                    record.retain(null);
                }
                case TaskEffect.Reclassify _ -> finished.refile(Objects.requireNonNull(record.retained()));
                default -> {}
            }
        };
    }

    public static JsonNode task(String name, long version) {
        return task(name, version, "", "{queueRef: {name: 'orders'}, httpRequest: {}}");
    }
}

package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.JsonText;
import dev.taskqueue.operator.cache.FinishedObjects;
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

/** Builds Tasks as an API server returns them, and reads JSON in a form that is easy to write in a test: without double quotes around names. */
public final class TestingTasks {
    private static final JsonMapper RELAXED = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(JsonText.UNBOUNDED)
                    .build())
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private TestingTasks() {}

    public static JsonNode json(String relaxed) {
        try {
            // Numbers have the same types as those that are read from the API server's bytes.
            return TaskJson.tree(JsonText.compact(RELAXED.readTree(relaxed)).getBytes(UTF_8));
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

    /** Task {@code shop/NAME} of queue {@code orders}, whose uid is {@code uid-NAME}; {@code more} is added to its metadata. */
    public static JsonNode task(String name, long version, String more, String spec) {
        return json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'Task',
                 metadata: {namespace: 'shop', name: '%s', uid: 'uid-%s', resourceVersion: '%d',
                            creationTimestamp: '2026-11-21T09:00:00Z'%s},
                 spec: %s}""".formatted(name, name, version, more.isEmpty() ? "" : ", " + more, spec));
    }

    /** The same Task, with a status. */
    public static JsonNode task(String name, long version, String more, String spec, String status) {
        ObjectNode task = (ObjectNode) task(name, version, more, spec);
        task.set("status", json(status));
        return task;
    }

    /** The record of the Task after the watch has reported it. */
    public static TaskRecord seen(TaskCache tasks, JsonNode json) {
        TaskObject task = TaskReader.read(json);
        TaskRecord record = tasks.put(TaskRecord.unseen(task));
        record.apply(new TaskMessage.Seen(task, TaskMessage.Era.OWN));
        return record;
    }

    /** Carries out effects on the finished Tasks, and ignores all other effects. */
    public static TaskEffectHandler<TaskRecord> retention(FinishedObjects<TaskRecord> finished) {
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

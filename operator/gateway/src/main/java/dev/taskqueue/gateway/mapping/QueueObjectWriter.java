package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.Queue;
import com.google.protobuf.FieldMask;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** Writes the TaskQueue that a {@code CreateQueue} asks for, and the patch of an {@code UpdateQueue}. */
public final class QueueObjectWriter {
    private static final Pattern CAPITAL = Pattern.compile("([A-Z])");

    private QueueObjectWriter() {}

    /** A new TaskQueue, with nothing but what the message has. */
    public static ObjectNode create(Queue queue, QueueName name, String namespace, boolean appEngine) {
        QueueFields.check(queue);
        ObjectNode object = ObjectJson.object();
        object.put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "TaskQueue");
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", name.object()).put("namespace", namespace);
        if (!name.id().equals(name.object())) {
            metadata.putObject("annotations").put(GatewayAnnotations.QUEUE_ID, name.id());
        }
        ObjectNode spec = object.putObject("spec");
        if (appEngine) {
            spec.putArray("headerFamilies").add("CloudTasks").add("AppEngine");
        }
        QueueFields.ALL.values().forEach(field -> {
            JsonNode value = field.value().apply(queue);
            if (value != null) {
                put(object, field.object(), value);
            }
        });
        return object;
    }

    /** The merge patch for the paths of a mask; an empty mask means every field that can be changed. */
    public static ObjectNode patch(Queue queue, FieldMask mask, String resourceVersion) {
        QueueFields.check(queue);
        ObjectNode patch = ObjectJson.object();
        patch.putObject("metadata").put("resourceVersion", resourceVersion);
        fields(mask).forEach(field -> put(patch, field.object(), field.patch(queue)));
        return patch;
    }

    private static Collection<QueueFields.Field> fields(FieldMask mask) {
        if (mask.getPathsCount() == 0 || mask.getPathsList().contains("*")) {
            return QueueFields.ALL.values();
        }
        var fields = new ArrayList<QueueFields.Field>();
        mask.getPathsList().forEach(path -> fields.addAll(fields(snake(path))));
        return fields;
    }

    /** Clients write paths as in the proto file, or as in JSON. */
    private static String snake(String path) {
        return CAPITAL.matcher(path).replaceAll(match -> "_" + match.group(1).toLowerCase(java.util.Locale.ROOT));
    }

    private static List<QueueFields.Field> fields(String path) {
        List<QueueFields.Field> named = QueueFields.ALL.entrySet().stream()
                .filter(field -> field.getKey().equals(path)
                        || field.getKey().startsWith(path + ".")
                        || isInside(field.getKey(), path))
                .map(java.util.Map.Entry::getValue)
                .toList();
        if (named.isEmpty() && !QueueFields.OUTPUT_ONLY.contains(path)) {
            throw RpcFailure.invalid(
                    "update_mask",
                    "The update mask has the path \"" + ShownText.text(path)
                            + "\", which is no field of a queue that can be changed.");
        }
        return named;
    }

    /** A part of a message that lies in one annotation changes with the whole of it. */
    private static boolean isInside(String field, String path) {
        return switch (path) {
            case "app_engine_routing_override.service", "app_engine_routing_override.version" ->
                field.equals("app_engine_routing_override");
            case "stackdriver_logging_config.sampling_ratio" -> field.equals("stackdriver_logging_config");
            default -> false;
        };
    }

    private static void put(ObjectNode object, List<String> way, JsonNode value) {
        ObjectNode place = object;
        for (String step : way.subList(0, way.size() - 1)) {
            place = place.withObjectProperty(step);
        }
        place.set(way.getLast(), value);
    }

    /** The merge patch that pauses or resumes a queue. */
    public static ObjectNode state(boolean running) {
        ObjectNode patch = ObjectJson.object();
        patch.putObject("spec").put("state", running ? "Running" : "Paused");
        return patch;
    }

    /** The merge patch that deletes all Tasks that were created before this time. */
    public static ObjectNode purge(java.time.Instant before) {
        ObjectNode patch = ObjectJson.object();
        patch.putObject("spec").put("purgeBefore", before.toString());
        return patch;
    }
}

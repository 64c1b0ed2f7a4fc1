package dev.taskqueue.gateway.mapping;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;

/**
 * Refuses fields that our version of the messages does not know. The newest clients have such fields; a field that is silently dropped would change
 * what is sent.
 */
public final class UnknownFieldRules {
    /** What newer clients call them, by message and number. */
    private static final Map<String, String> NAMES = Map.of(
            "google.cloud.tasks.v2.Task 12", "retry_config; set it on the queue",
            "google.cloud.tasks.v2.Queue 10", "http_target; use spec.httpTarget of the TaskQueue");

    private UnknownFieldRules() {}

    /** Refuses the message if it, or a message in it, has an unknown field. */
    public static void check(Message message) {
        check(message, "");
    }

    private static void check(Message message, String path) {
        Map<Integer, ?> unknown = message.getUnknownFields().asMap();
        if (!unknown.isEmpty()) {
            int number = new TreeSet<>(unknown.keySet()).first();
            throw refusal(message, path, number);
        }
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                String inner = path.isEmpty() ? field.getName() : path + "." + field.getName();
                if (value instanceof Collection<?> several) {
                    several.forEach(one -> check((Message) one, inner));
                } else {
                    check((Message) value, inner);
                }
            }
        });
    }

    private static RpcFailure refusal(Message message, String path, int number) {
        String type = message.getDescriptorForType().getFullName();
        String name = NAMES.getOrDefault(type + " " + number, "");
        return RpcFailure.invalid(
                path.isEmpty() ? String.valueOf(number) : path + "." + number,
                "The field with number " + number + " of " + type + " is not supported"
                        + (name.isEmpty() ? "" : ": " + name) + ". Leave it out.");
    }
}

package dev.taskqueue.gateway.wire;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ShownText;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the message of a REST request: from its body, its path and its query. */
final class RestRequestReader {
    private static final String WHOLE = "*";

    /** Parameters of all of Google's APIs. None does anything here, and {@code access_token} is never read. */
    private static final Set<String> SYSTEM = Set.of(
            "alt",
            "fields",
            "key",
            "prettyPrint",
            "quotaUser",
            "access_token",
            "callback",
            "uploadType",
            "upload_protocol");

    private RestRequestReader() {}

    /**
     * Reads a request.
     *
     * @param name the part of the path that names an object
     */
    static Message read(RestRoute route, String name, Map<String, List<String>> query, String body) {
        Message.Builder message = route.rpc().request().newBuilderForType();
        if (route.body().equals(WHOLE)) {
            merge(body, message, "");
        } else if (!route.body().isEmpty()) {
            FieldDescriptor field = message.getDescriptorForType().findFieldByName(route.body());
            merge(body, message.getFieldBuilder(field), route.body());
        } else if (!body.isBlank() && !body.strip().equals("{}")) {
            throw invalid("body", "Invalid JSON payload received. This method has no body.");
        }
        query.forEach((parameter, values) -> {
            if (!parameter.startsWith("$") && !SYSTEM.contains(parameter)) {
                if (isGivenElsewhere(route, parameter)) {
                    throw unknown(parameter);
                }
                values.forEach(value -> set(message, parameter, value));
            }
        });
        // The path comes last: no body and no parameter sends a request elsewhere.
        set(message, route.field(), name);
        return message.build();
    }

    /** What the body or the path says is not said in the query, too. */
    private static boolean isGivenElsewhere(RestRoute route, String parameter) {
        String body = route.body();
        return body.equals(WHOLE)
                || parameter.equals(route.field())
                || (!body.isEmpty() && (parameter.equals(body) || parameter.startsWith(body + ".")));
    }

    private static void merge(String body, Message.Builder into, String place) {
        if (body.isBlank()) {
            return;
        }
        JsonBodyRules.check(body, into.getDescriptorForType(), place);
        try {
            JsonFormat.parser().merge(body, into);
        } catch (InvalidProtocolBufferException wrong) {
            throw invalid(
                    "body", "Invalid JSON payload received. " + ShownText.text(String.valueOf(wrong.getMessage())));
        }
    }

    private static void set(Message.Builder message, String path, String value) {
        String[] steps = path.split("\\.", -1);
        Message.Builder place = message;
        for (String step : Arrays.copyOf(steps, steps.length - 1)) {
            FieldDescriptor field = field(place.getDescriptorForType(), step, path);
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isRepeated()) {
                throw unknown(path);
            }
            place = place.getFieldBuilder(field);
        }
        FieldDescriptor field = field(place.getDescriptorForType(), steps[steps.length - 1], path);
        Object parsed = parse(field, value, path);
        if (field.isRepeated()) {
            place.addRepeatedField(field, parsed);
        } else {
            place.setField(field, parsed);
        }
    }

    /** Clients write names as in JSON, or as in the proto file. */
    private static FieldDescriptor field(Descriptor type, String name, String path) {
        return type.getFields().stream()
                .filter(field ->
                        field.getName().equals(name) || field.getJsonName().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(path));
    }

    private static Object parse(FieldDescriptor field, String value, String path) {
        try {
            return switch (field.getJavaType()) {
                case INT -> Integer.valueOf(value);
                case LONG -> Long.valueOf(value);
                case DOUBLE -> Double.valueOf(value);
                case FLOAT -> Float.valueOf(value);
                case BOOLEAN -> truth(value);
                case STRING -> value;
                case ENUM -> constant(field, value);
                case MESSAGE -> mask(field, value, path);
                case BYTE_STRING -> throw unknown(path);
            };
        } catch (IllegalArgumentException wrong) {
            throw invalid(path, "Invalid value at '" + ShownText.text(path) + "': \"" + ShownText.text(value) + "\".");
        }
    }

    private static Boolean truth(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(value);
        };
    }

    private static EnumValueDescriptor constant(FieldDescriptor field, String value) {
        EnumValueDescriptor constant = value.matches("[0-9]{1,9}")
                ? field.getEnumType().findValueByNumber(Integer.parseInt(value))
                : field.getEnumType().findValueByName(value);
        if (constant == null) {
            throw new IllegalArgumentException(value);
        }
        return constant;
    }

    /** Paths stay as they are written; who uses them knows both spellings. */
    private static FieldMask mask(FieldDescriptor field, String value, String path) {
        if (!field.getMessageType().equals(FieldMask.getDescriptor())) {
            throw unknown(path);
        }
        List<String> paths = Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .toList();
        return FieldMask.newBuilder().addAllPaths(paths).build();
    }

    private static RpcFailure unknown(String parameter) {
        return invalid(
                parameter,
                "Invalid JSON payload received. Unknown name \"" + ShownText.text(parameter)
                        + "\": Cannot bind query parameter.");
    }

    private static RpcFailure invalid(String field, String message) {
        return RpcFailure.invalid(ShownText.text(field), message);
    }
}

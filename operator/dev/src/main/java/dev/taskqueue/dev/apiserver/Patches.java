package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** Applies patches. Each method changes the given object in place. */
final class Patches {
    /** The lists in Kubernetes' own kinds that a strategic merge patch joins by a key. All other lists are replaced. */
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("ports", "port"),
            Map.entry("containers", "name"),
            Map.entry("initContainers", "name"),
            Map.entry("env", "name"),
            Map.entry("volumes", "name"),
            Map.entry("volumeMounts", "mountPath"),
            Map.entry("secrets", "name"),
            Map.entry("imagePullSecrets", "name"),
            Map.entry("conditions", "type"),
            Map.entry("ownerReferences", "uid"));

    private static final Set<String> SETS = Set.of("finalizers");
    private static final String DIRECTIVE = "$patch";

    private Patches() {}

    /** Applies a merge patch of RFC 7386: null removes, lists are replaced, objects are merged. */
    static void merge(ObjectNode target, JsonNode patch) {
        for (Map.Entry<String, JsonNode> field : patch.properties()) {
            String name = field.getKey();
            switch (field.getValue()) {
                case JsonNode value when value.isNull() -> target.remove(name);
                case ObjectNode value ->
                    merge(target.get(name) instanceof ObjectNode inner ? inner : target.putObject(name), value);
                case JsonNode value -> target.set(name, value.deepCopy());
            }
        }
    }

    /** Applies a patch of RFC 6902. @throws ApiFailure if an operation, for example a {@code test}, fails */
    static ObjectNode json(ObjectNode target, JsonNode operations) {
        try {
            if (JsonPatch.apply(operations, target) instanceof ObjectNode patched) {
                return patched;
            }
        } catch (RuntimeException wrong) {
            throw ApiFailure.of(422, "Invalid", "the JSON patch cannot be applied: " + wrong.getMessage());
        }
        throw ApiFailure.of(422, "Invalid", "the JSON patch leaves no object");
    }

    /** Applies the patch that kubectl sends for Kubernetes' own kinds: a merge patch that joins some lists by a key. */
    static void strategic(ObjectNode target, JsonNode patch) {
        if (patch.path(DIRECTIVE).asText().equals("replace")) {
            target.removeAll();
        }
        for (Map.Entry<String, JsonNode> field : patch.properties()) {
            String name = field.getKey();
            if (name.startsWith("$")) {
                dropFromSet(target, name, field.getValue());
                continue;
            }
            switch (field.getValue()) {
                case JsonNode value
                when value.isNull() || value.path(DIRECTIVE).asText().equals("delete") -> target.remove(name);
                case ObjectNode value ->
                    strategic(target.get(name) instanceof ObjectNode inner ? inner : target.putObject(name), value);
                case ArrayNode value -> list(target, name, value);
                case JsonNode value -> target.set(name, value);
            }
        }
    }

    private static void dropFromSet(ObjectNode target, String directive, JsonNode values) {
        String prefix = "$deleteFromPrimitiveList/";
        if (directive.startsWith(prefix)
                && target.get(directive.substring(prefix.length())) instanceof ArrayNode list) {
            values.forEach(value -> removeIf(list, value::equals));
        }
    }

    private static void list(ObjectNode target, String name, ArrayNode patch) {
        String key = KEYS.getOrDefault(name, "");
        boolean joined = !key.isEmpty()
                && StreamSupport.stream(patch.spliterator(), false)
                        .allMatch(item -> item.has(key) || item.has(DIRECTIVE));
        ArrayNode list = target.get(name) instanceof ArrayNode there ? there : target.putArray(name);
        if (SETS.contains(name)) {
            patch.forEach(item -> {
                removeIf(list, item::equals);
                list.add(item);
            });
        } else if (joined) {
            patch.forEach(item -> join(list, key, item));
        } else {
            list.removeAll();
            list.addAll(patch);
        }
    }

    private static void join(ArrayNode list, String key, JsonNode item) {
        switch (item.path(DIRECTIVE).asText()) {
            case "replace" -> list.removeAll();
            case "delete" -> removeIf(list, there -> there.path(key).equals(item.path(key)));
            default -> {
                for (JsonNode there : list) {
                    if (there instanceof ObjectNode object && object.path(key).equals(item.path(key))) {
                        strategic(object, item);
                        return;
                    }
                }
                list.add(item);
            }
        }
    }

    private static void removeIf(ArrayNode list, Predicate<JsonNode> condition) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (condition.test(list.get(i))) {
                list.remove(i);
            }
        }
    }

    /**
     * Server-side apply, reduced to what is needed here. Fields are removed if the same manager set them in its last apply and leaves them out now.
     * All other fields are merged. Nobody owns fields, so there are no conflicts.
     *
     * @param last the object that the manager applied last; an empty object at first
     */
    static void apply(ObjectNode target, JsonNode last, JsonNode now) {
        for (Map.Entry<String, JsonNode> field : last.properties()) {
            String name = field.getKey();
            if (!now.has(name)) {
                target.remove(name);
            } else if (field.getValue().isObject()
                    && target.get(name) instanceof ObjectNode inner
                    && now.path(name).isObject()) {
                apply(inner, field.getValue(), now.path(name));
            }
        }
        merge(target, now);
    }
}

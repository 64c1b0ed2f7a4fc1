package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** What a patch makes of an object. The object handed in is changed in place. */
final class Patches {
    /** Of the lists in Kubernetes' own kinds, those that a strategic merge patch joins by a key; all others it replaces. */
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

    /** RFC 7386: null removes, lists are replaced, objects are merged. */
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

    /** RFC 6902. @throws ApiFailure where an operation, a {@code test} among them, does not hold */
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

    /** As kubectl sends it for Kubernetes' own kinds: as a merge patch, except that some lists are joined by a key. */
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
     * Server-side apply, as far as it goes here: fields set by the last apply of the same manager and now left out are removed, all others
     * are merged. Nobody owns fields, so there are no conflicts.
     *
     * @param last what the manager applied last; an empty object at first
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

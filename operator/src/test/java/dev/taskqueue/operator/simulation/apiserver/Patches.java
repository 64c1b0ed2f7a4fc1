package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.util.Map;

/** Applies patches to stored objects, which stay as they are. */
final class Patches {
    static final String APPLY = "application/apply-patch+yaml";

    private Patches() {}

    /** Returns the object with this request's patch. Its root and metadata may be changed, all else is shared. */
    static ObjectNode patched(ResourceKind kind, ObjectNode object, ApiRequest request) {
        return switch (request.contentType()) {
            case "application/merge-patch+json" -> merged(object, patch(request));
            case "application/json-patch+json" -> operated(object, request);
            case "application/strategic-merge-patch+json" -> {
                if (kind.isCustom()) {
                    throw RequestFailure.unsupportedMediaType();
                }
                yield merged(object, patch(request));
            }
            case APPLY -> merged(object, patch(request));
            default -> throw RequestFailure.unsupportedMediaType();
        };
    }

    private static ObjectNode patch(ApiRequest request) {
        try {
            if (Json.read(request.body()) instanceof ObjectNode patch) {
                return patch;
            }
        } catch (IOException wrong) {
            throw RequestFailure.badRequest("error decoding patch: " + wrong.getMessage());
        }
        throw RequestFailure.badRequest("error decoding patch: json: cannot unmarshal it into an object");
    }

    /** RFC 7386: null removes a field, an object is merged, anything else replaces. */
    private static ObjectNode merged(ObjectNode object, ObjectNode patch) {
        ObjectNode merged = Json.shallowCopy(object);
        for (Map.Entry<String, JsonNode> field : patch.properties()) {
            String name = field.getKey();
            switch (field.getValue()) {
                case JsonNode value when value.isNull() -> merged.remove(name);
                case ObjectNode value -> merged.set(name, merged(Json.inner(object, name), value));
                case JsonNode value -> merged.set(name, value);
            }
        }
        return merged;
    }

    private static ObjectNode operated(ObjectNode object, ApiRequest request) {
        try {
            if (JsonPatch.apply(Json.read(request.body()), object.deepCopy()) instanceof ObjectNode patched) {
                return patched;
            }
            throw RequestFailure.unusablePatch();
        } catch (IOException wrong) {
            throw RequestFailure.badRequest("error decoding patch: " + wrong.getMessage());
        } catch (RuntimeException failed) {
            throw RequestFailure.unusablePatch();
        }
    }
}

package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The part of OpenAPI v3 that kubectl reads: the statement that the server itself finds unknown fields, and the schemas of our kinds for
 * {@code kubectl explain}.
 */
final class OpenApi {
    private final ResourceTypes types;

    OpenApi(ResourceTypes types) {
        this.types = types;
    }

    /** Answers an OpenAPI request; empty if the path does not belong to OpenAPI. */
    Optional<JsonNode> answer(List<String> path) {
        if (path.size() < 2
                || !path.getFirst().equals("openapi")
                || !path.get(1).equals("v3")) {
            return Optional.empty();
        }
        if (path.size() == 2) {
            return Optional.of(index());
        }
        String wanted = String.join("/", path.subList(2, path.size()));
        List<ResourceType> served =
                types.all().stream().filter(type -> folder(type).equals(wanted)).toList();
        return served.isEmpty() ? Optional.empty() : Optional.of(document(served));
    }

    private ObjectNode index() {
        ObjectNode index = Json.object();
        ObjectNode paths = index.putObject("paths");
        types.all().stream()
                .map(OpenApi::folder)
                .distinct()
                .forEach(folder -> paths.putObject(folder).put("serverRelativeURL", "/openapi/v3/" + folder));
        return index;
    }

    private static String folder(ResourceType type) {
        return (type.group().isEmpty() ? "api/" : "apis/") + type.apiVersion();
    }

    private static ObjectNode document(List<ResourceType> served) {
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "TaskQueue dev mode").put("version", "1");
        ObjectNode paths = document.putObject("paths");
        ObjectNode schemas = document.putObject("components").putObject("schemas");
        for (ResourceType type : served) {
            ObjectNode object = paths.putObject(type.path("{namespace}") + "/{name}");
            ObjectNode patch = object.putObject("patch");
            patch.set("x-kubernetes-group-version-kind", identity(type));
            for (String parameter : List.of("dryRun", "fieldManager", "fieldValidation", "force")) {
                patch.withArray("/parameters")
                        .addObject()
                        .put("name", parameter)
                        .put("in", "query");
            }
            patch.putObject("responses");
            ObjectNode get = object.putObject("get");
            get.set("x-kubernetes-group-version-kind", identity(type));
            get.putObject("responses");
            schemas.set(key(type), schema(type));
        }
        return document;
    }

    private static String key(ResourceType type) {
        String group = type.group().isEmpty() ? "io.k8s.api.core" : type.group();
        return List.of(group.split("\\.", -1)).reversed().stream().collect(Collectors.joining("."))
                + "."
                + type.version()
                + "."
                + type.kind();
    }

    private static ObjectNode schema(ResourceType type) {
        CustomRules rules = type.custom();
        ObjectNode schema = rules == null
                ? Json.object().put("type", "object")
                : rules.schema().deepCopy();
        schema.putArray("x-kubernetes-group-version-kind").add(identity(type));
        ObjectNode properties = schema.withObject("/properties");
        properties.putObject("apiVersion").put("type", "string");
        properties.putObject("kind").put("type", "string");
        properties.putObject("metadata").put("type", "object").put("description", "Standard object's metadata.");
        return schema;
    }

    private static ObjectNode identity(ResourceType type) {
        return Json.object()
                .put("group", type.group())
                .put("version", type.version())
                .put("kind", type.kind());
    }
}

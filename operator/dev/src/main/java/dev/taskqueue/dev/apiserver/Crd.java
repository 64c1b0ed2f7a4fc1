package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.dev.apiserver.ResourceType.Column;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * One of our CustomResourceDefinitions, the same as a cluster has.
 *
 * @param object the definition itself
 */
record Crd(ObjectNode object, ResourceType type) {
    private static final List<String> OURS =
            List.of("taskqueues.taskqueue.dev", "tasks.taskqueue.dev", "taskbatches.taskqueue.dev");

    /** The built-in definitions. */
    static List<Crd> ours() {
        return OURS.stream().map(name -> read("/crds/" + name + ".yaml")).toList();
    }

    /** The definition as a cluster shows it after it was accepted. */
    ObjectNode established() {
        ObjectNode crd = object.deepCopy();
        crd.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "Established")
                .put("status", "True");
        return crd;
    }

    private static Crd read(String resource) {
        try (InputStream in = Crd.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + resource + " is not built in");
            }
            ObjectNode object = Json.yaml(in.readAllBytes());
            return new Crd(object, type(object.path("spec")));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Our CRDs have one version each. */
    private static ResourceType type(JsonNode spec) {
        JsonNode version = spec.path("versions").path(0);
        JsonNode names = spec.path("names");
        var selectable = new HashSet<String>();
        version.path("selectableFields")
                .forEach(field -> selectable.add(field.path("jsonPath").asText()));
        return new ResourceType(
                spec.path("group").asText(),
                version.path("name").asText(),
                names.path("plural").asText(),
                names.path("kind").asText(),
                spec.path("scope").asText().equals("Namespaced"),
                version.path("subresources").has("status"),
                texts(names.path("shortNames")),
                texts(names.path("categories")),
                columns(version.path("additionalPrinterColumns")),
                new CustomRules((ObjectNode) version.path("schema").path("openAPIV3Schema"), selectable));
    }

    private static List<Column> columns(JsonNode list) {
        var columns = new ArrayList<Column>();
        list.forEach(column -> columns.add(new Column(
                column.path("name").asText(),
                column.path("type").asText(),
                column.path("description").asText(""),
                column.path("priority").asInt() > 0,
                FieldPath.parse(column.path("jsonPath").asText()))));
        return List.copyOf(columns);
    }

    private static List<String> texts(JsonNode list) {
        var texts = new ArrayList<String>();
        list.forEach(item -> texts.add(item.asText()));
        return List.copyOf(texts);
    }
}

package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The real kubeconform, with the schemas that a control plane publishes for its kinds. So nothing is downloaded, and the schemas of its CRDs are
 * included.
 */
public final class Kubeconform {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ControlPlane plane;
    private final Path schemas;
    private final CommandLine command;

    public Kubeconform(ControlPlane plane) {
        this.plane = plane;
        schemas = TestFolders.create("schemas");
        command = new CommandLine(Tools.kubeconform(), schemas, Map.of());
    }

    /**
     * Checks a manifest whose objects have these versions, such as {@code apps/v1}.
     *
     * @return the errors, a line for each wrong object; valid objects have no line
     */
    public List<String> complaints(String manifest, Iterable<String> versions) {
        versions.forEach(this::writeSchemas);
        CommandLine.Answer answer = command.run(
                manifest,
                List.of("-strict", "-schema-location", schemas + "/{{.ResourceKind}}{{.KindSuffix}}.json", "-"));
        return (answer.output() + answer.errors()).lines().toList();
    }

    private void writeSchemas(String version) {
        try {
            JsonNode document = JSON.readTree(
                    plane.client().raw("/openapi/v3/" + (version.contains("/") ? "apis/" : "api/") + version));
            JsonNode components = document.path("components");
            components.path("schemas").forEach(Kubeconform::close);
            for (var schema : components.path("schemas").properties()) {
                for (JsonNode kind : schema.getValue().path("x-kubernetes-group-version-kind")) {
                    ObjectNode file = JSON.createObjectNode();
                    file.put("$ref", "#/components/schemas/" + schema.getKey());
                    file.set("components", components);
                    Files.writeString(schemas.resolve(name(kind) + ".json"), file.toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forbids fields that the schema does not name: the API server does not know them. */
    private static void close(JsonNode schema) {
        if (schema.has("properties") && !schema.has("additionalProperties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
    }

    /** The name that kubeconform looks for: {@code deployment-apps-v1}, {@code service-v1}. */
    private static String name(JsonNode kind) {
        String group = kind.path("group").asText();
        return kind.path("kind").asText().toLowerCase(Locale.ROOT)
                + (group.isEmpty() ? "" : "-" + group.split("\\.", -1)[0])
                + "-" + kind.path("version").asText();
    }
}

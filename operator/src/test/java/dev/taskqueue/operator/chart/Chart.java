package dev.taskqueue.operator.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** Reads the files of the chart. */
final class Chart {
    static final Path REPOSITORY = ControlPlane.repository();
    static final Path FOLDER = REPOSITORY.resolve("charts/taskqueue");
    static final List<String> VALUES = List.of("minimal", "full", "namespaced");

    static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):.*");

    private Chart() {}

    /** The file of one of {@link #VALUES}. */
    static String values(String name) {
        return FOLDER.resolve("ci/" + name + "-values.yaml").toString();
    }

    static String text(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode yaml(String text) {
        return YAML.unmarshal("---\n" + text, JsonNode.class);
    }

    /** The objects of a manifest. */
    static List<JsonNode> objects(String manifest) {
        var objects = new ArrayList<JsonNode>();
        for (String document : manifest.split("(?m)^---", -1)) {
            if (document.lines().anyMatch(line -> line.startsWith("kind:"))) {
                objects.add(yaml(document));
            }
        }
        return objects;
    }

    /** The description of each value in the schema, by the value's path, such as {@code image.tag}. */
    static Map<String, JsonNode> schema() {
        try {
            var leaves = new LinkedHashMap<String, JsonNode>();
            collect("", JSON.readTree(text("values.schema.json")), leaves);
            leaves.remove("global");
            leaves.remove("enabled");
            return leaves;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void collect(String path, JsonNode node, Map<String, JsonNode> leaves) {
        if (node.has("description")) {
            leaves.put(path, node);
            return;
        }
        node.path("properties")
                .properties()
                .forEach(property -> collect(
                        path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                        property.getValue(),
                        leaves));
    }

    /** The default of each value, by path. */
    static JsonNode fallback(String path) {
        return yaml(text("values.yaml")).at("/" + path.replace('.', '/'));
    }

    /** The comment above each value, by path. */
    static Map<String, String> comments() {
        var comments = new LinkedHashMap<String, String>();
        var path = new ArrayList<String>();
        var comment = new ArrayList<String>();
        for (String line : text("values.yaml").split("\n", -1)) {
            var key = KEY.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.add(line.strip().substring(1).strip());
                continue;
            }
            if (key.matches()) {
                int depth = Objects.requireNonNull(key.group(1)).length() / 2;
                path.subList(depth, path.size()).clear();
                path.add(Objects.requireNonNull(key.group(2)));
                comments.put(String.join(".", path), String.join(" ", comment));
            }
            comment.clear();
        }
        return comments;
    }
}

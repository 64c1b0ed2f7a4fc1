package dev.taskqueue.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Objects that people are shown to create: those of the files in {@code samples}, and those of the pages' YAML blocks.
 *
 * @param origin the folder or page that they come from
 * @param objects no two of the same kind and name, without namespaces
 */
public record ShownManifests(String origin, List<ObjectNode> objects) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
    /** A chart's templates become YAML only after Helm has rendered them. */
    private static final String TEMPLATE = "{{";

    /** All manifests of the repository. If one folder or page has an object twice, the second one goes into another entry with the same origin. */
    public static List<ShownManifests> all() {
        Path root = ControlPlane.repository();
        var all = new TreeMap<String, ShownManifests>();
        for (Path file : files(root.resolve("samples"), ".yaml")) {
            String folder = root.relativize(file).subpath(0, 2).toString();
            objects(file.toString(), text(file)).forEach(object -> add(all, folder, object));
        }
        Stream.of(files(root.resolve("docs"), ".md"), files(root.resolve("samples"), ".md"))
                .flatMap(List::stream)
                .forEach(page -> addBlocks(all, root, page));
        addBlocks(all, root, root.resolve("README.md"));
        return List.copyOf(all.values());
    }

    private static void addBlocks(Map<String, ShownManifests> all, Path root, Path page) {
        BLOCK.matcher(text(page))
                .results()
                .map((MatchResult block) -> block.group(1))
                .forEach(block -> {
                    // Other blocks are parts of an object.
                    if (block.contains("apiVersion: taskqueue.dev/")) {
                        objects(page.toString(), block)
                                .forEach(
                                        object -> add(all, root.relativize(page).toString(), object));
                    }
                });
    }

    private static void add(Map<String, ShownManifests> all, String origin, ObjectNode object) {
        ((ObjectNode) object.path("metadata")).remove("namespace");
        String place = origin;
        for (int i = 2; all.containsKey(place) && all.get(place).has(object); i++) {
            place = origin + " " + i;
        }
        String free = place;
        all.computeIfAbsent(free, name -> new ShownManifests(name, new ArrayList<>()))
                .objects()
                .add(object);
    }

    private boolean has(ObjectNode other) {
        return objects.stream().anyMatch(object -> key(object).equals(key(other)));
    }

    private static Map<String, String> key(ObjectNode object) {
        var key = new HashMap<String, String>();
        key.put("kind", object.path("kind").asText());
        JsonNode metadata = object.path("metadata");
        key.put(
                "name",
                metadata.path("name").asText(metadata.path("generateName").asText()));
        return key;
    }

    private static List<ObjectNode> objects(String source, String text) {
        if (text.contains(TEMPLATE)) {
            return List.of();
        }
        var objects = new ArrayList<ObjectNode>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(text)) {
            documents.forEachRemaining(document -> {
                if (document instanceof ObjectNode object && object.path("metadata") instanceof ObjectNode) {
                    objects.add(object);
                }
            });
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(source + " is no readable YAML", e);
        }
        return objects;
    }

    private static List<Path> files(Path folder, String suffix) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> Stream.of("node_modules", "target", ".venv")
                            .noneMatch(built -> file.toString().contains("/" + built + "/")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

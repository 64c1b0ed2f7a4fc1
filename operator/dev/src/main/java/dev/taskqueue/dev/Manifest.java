package dev.taskqueue.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One object of a manifest, exactly as it is written there. */
public record Manifest(ObjectNode object) {
    static final Comparator<Manifest> TASKS_LAST = Comparator.comparing(Manifest::isTask);

    private static final YAMLMapper YAML = new YAMLMapper();

    /**
     * Reads every object of a file, or of the {@code .yaml}, {@code .yml} and {@code .json} files of a folder in order of their names.
     *
     * @throws IllegalArgumentException with a sentence for the user, if a file is not a manifest
     */
    public static List<Manifest> read(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                return parse(path.toString(), Files.readString(path));
            }
            try (Stream<Path> files = Files.list(path)) {
                return files.filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                        .sorted()
                        .flatMap(file -> read(file).stream())
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** Reads every object of a text that comes from {@code source}. Tasks come last; otherwise the order stays. */
    public static List<Manifest> parse(String source, String text) {
        var all = new ArrayList<Manifest>();
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                if (document instanceof ObjectNode object) {
                    add(source, object, all);
                } else if (!document.isNull() && !document.isMissingNode()) {
                    throw new IllegalArgumentException(
                            source + " holds something else than Kubernetes objects; correct or remove it.");
                }
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof IllegalArgumentException ours) {
                throw ours;
            }
            throw new IllegalArgumentException(source + " is no readable YAML: " + firstLine(e), e);
        }
        all.sort(TASKS_LAST);
        return all;
    }

    private static void add(String source, ObjectNode object, List<Manifest> all) {
        if (object.path("kind").asText().equals("List")) {
            object.path("items").forEach(item -> {
                if (item instanceof ObjectNode one) {
                    add(source, one, all);
                }
            });
            return;
        }
        if (object.path("kind").asText().isEmpty()
                || object.path("apiVersion").asText().isEmpty()) {
            throw new IllegalArgumentException(source + " has an object without kind or apiVersion; add them.");
        }
        all.add(new Manifest(object));
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    public String kind() {
        return object.path("kind").asText();
    }

    public String apiVersion() {
        return object.path("apiVersion").asText();
    }

    public String name() {
        JsonNode metadata = object.path("metadata");
        return metadata.path("name").asText(metadata.path("generateName").asText());
    }

    public String namespace() {
        return object.path("metadata").path("namespace").asText("default");
    }

    public boolean isTask() {
        return is("taskqueue.dev", "Task");
    }

    public boolean isService() {
        return apiVersion().equals("v1") && kind().equals("Service");
    }

    private boolean is(String group, String kind) {
        return apiVersion().startsWith(group + "/") && kind().equals(kind);
    }

    /** The end that is expected of a Task. */
    Expectation expectation() {
        return Expectation.parse(object.path("metadata")
                .path("annotations")
                .path(Expectation.ANNOTATION)
                .asText(null));
    }
}

package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads manifests: YAML or JSON, several documents, Lists. */
final class ManifestReader {
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private final String namespace;
    private final List<ManifestObject> all = new ArrayList<>();

    /** A manifest cannot be read; the message is a sentence that names it, with the line where there is one. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    /** @param namespace of objects that name none */
    ManifestReader(String namespace) {
        this.namespace = namespace;
    }

    /** Every object read so far, in order. */
    List<ManifestObject> all() {
        return all;
    }

    /** A file, or the {@code .yaml}, {@code .yml} and {@code .json} files of a folder in order of their names. */
    void read(Path path) throws Unreadable {
        try {
            if (!Files.isDirectory(path)) {
                parse(path.toString(), Files.readString(path));
                return;
            }
            List<Path> files;
            try (Stream<Path> listed = Files.list(path)) {
                files = listed.filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                        .sorted()
                        .toList();
            }
            for (Path file : files) {
                read(file);
            }
        } catch (NoSuchFileException missing) {
            throw new Unreadable(path + " does not exist.");
        } catch (IOException failure) {
            throw new Unreadable(path + " cannot be read: " + failure);
        }
    }

    /** @param source what to call it */
    void parse(String source, String text) throws Unreadable {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            while (documents.hasNextValue()) {
                JsonNode document = documents.nextValue();
                if (document instanceof ObjectNode object) {
                    add(source, object);
                } else if (!document.asText("").isBlank() || document.isContainerNode()) {
                    throw new Unreadable(source + " holds something else than Kubernetes objects: remove it.");
                }
            }
        } catch (JsonProcessingException wrong) {
            throw new Unreadable(source + at(wrong.getLocation()) + " is no readable YAML: " + cause(wrong));
        } catch (IOException failure) {
            throw new Unreadable(source + " cannot be read: " + failure);
        }
    }

    private void add(String source, ObjectNode object) throws Unreadable {
        if (object.path("kind").asText().isEmpty()
                || object.path("apiVersion").asText().isEmpty()) {
            throw new Unreadable(source + " has an object without kind or apiVersion: add them.");
        }
        if (object.path("kind").asText().equals("List")) {
            for (JsonNode item : object.path("items")) {
                if (item instanceof ObjectNode one) {
                    add(source, one);
                }
            }
            return;
        }
        if (!object.path("metadata").isObject()
                || !(object.path("metadata").hasNonNull("name")
                        || object.path("metadata").hasNonNull("generateName"))) {
            throw new Unreadable(
                    source + " has a " + object.path("kind").asText() + " without metadata.name: name it.");
        }
        ObjectNode metadata = object.withObject("metadata");
        if (!metadata.hasNonNull("namespace")) {
            metadata.put("namespace", namespace);
        }
        all.add(new ManifestObject(source, object));
    }

    private static String at(JsonLocation location) {
        return location == null || location.getLineNr() < 1 ? "" : ", line " + location.getLineNr() + ",";
    }

    private static String cause(JsonProcessingException wrong) {
        String first =
                String.valueOf(wrong.getOriginalMessage()).lines().findFirst().orElse("");
        return first.endsWith(".") ? first : first + ".";
    }
}

package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads trees from YAML, for short tests. */
final class Trees {
    private static final Pattern REPETITION = Pattern.compile("\\$\\{(\\d+)\\*([^}]+)}");

    private Trees() {}

    static ObjectNode of(String yaml) {
        try {
            return Json.yaml(yaml.getBytes(StandardCharsets.UTF_8));
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong);
        }
    }

    /** Reads a file on the class path. */
    static ObjectNode resource(String name) {
        try (var file = Objects.requireNonNull(Trees.class.getResourceAsStream(name), name)) {
            return Json.yaml(file.readAllBytes());
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong);
        }
    }

    /** Expands {@code ${3*ab}} to ababab. */
    static String repeated(String text) {
        return REPETITION
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(found.group(2).repeat(Integer.parseInt(found.group(1)))));
    }

    static ObjectNode object(String kind, String name, String spec) {
        ObjectNode object =
                Json.object().put("apiVersion", "taskqueue.dev/v1beta1").put("kind", kind);
        object.putObject("metadata").put("name", name);
        object.set("spec", of(spec));
        return object;
    }
}

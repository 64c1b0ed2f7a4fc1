package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a CRD's schema.
 *
 * @param path of the field, such as {@code spec.httpRequest.path}
 */
record CrdSchema(String path, JsonNode node) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern FIELD_OF_RULE = Pattern.compile("has\\((?:self|dyn\\(self\\))\\.(\\w+)\\)");
    private static final Pattern EXACTLY_ONE = Pattern.compile("has\\(self\\.\\w+\\) != has\\(self\\.\\w+\\)");
    private static final Pattern NOT_BOTH = Pattern.compile("!\\(has\\(self\\.\\w+\\) && has\\(self\\.\\w+\\)\\)");
    private static final Pattern DURATION_BOUND = Pattern.compile("duration\\(self\\) [<>]=? duration\\('([^']+)'\\)");
    private static final Pattern PATTERN_OF_RULE = Pattern.compile("^self\\.matches\\((?:'([^']*)'|\"([^\"]*)\")\\)$");

    /** The form of a value. */
    enum Form {
        OBJECT,
        MAP,
        LIST,
        CHOICE,
        TIME,
        DURATION,
        TEXT,
        INTEGER,
        /** An integer or a text. */
        QUANTITY,
        /** Any JSON. */
        ANY
    }

    /** The schema of {@code spec} of a kind. */
    static CrdSchema of(String kind) {
        String file = "crds/" + plural(kind) + ".taskqueue.dev.yaml";
        try {
            JsonNode crd =
                    YAML.readTree(Files.readString(ControlPlane.repository().resolve(file)));
            return new CrdSchema("spec", crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of a kind's resource. */
    static String plural(String kind) {
        return kind.toLowerCase(Locale.ROOT) + (kind.endsWith("ch") ? "es" : "s");
    }

    /** A field of an object. */
    CrdSchema field(String field) {
        return new CrdSchema(path + "." + field, node.path("properties").path(field));
    }

    Form form() {
        if (node.path("x-kubernetes-int-or-string").asBoolean()) {
            return Form.QUANTITY;
        }
        return switch (node.path("type").asText()) {
            case "object" -> node.has("additionalProperties") ? Form.MAP : Form.OBJECT;
            case "array" -> Form.LIST;
            case "integer" -> Form.INTEGER;
            case "string" -> textForm();
            default -> Form.ANY;
        };
    }

    private Form textForm() {
        if (node.has("enum")) {
            return Form.CHOICE;
        }
        String pattern = node.path("pattern").asText();
        if (pattern.startsWith("^[0-9]{4}-")) {
            return Form.TIME;
        }
        return pattern.contains("(h|m|s|ms)") ? Form.DURATION : Form.TEXT;
    }

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    List<CrdSchema> fields() {
        return node.path("properties").properties().stream()
                .map(field -> new CrdSchema(path + "." + field.getKey(), field.getValue()))
                .toList();
    }

    CrdSchema items() {
        return new CrdSchema(path + "[]", node.path("items"));
    }

    CrdSchema values() {
        return new CrdSchema(path + ".*", node.path("additionalProperties"));
    }

    List<String> required() {
        return texts(node.path("required"));
    }

    List<String> choices() {
        return texts(node.path("enum"));
    }

    private static List<String> texts(JsonNode list) {
        var texts = new ArrayList<String>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    int bound(String keyword, int otherwise) {
        return node.path(keyword).asInt(otherwise);
    }

    /** The value after "Example:" in the description. */
    Optional<JsonNode> example() {
        String words = node.path("description").asText();
        int at = words.indexOf("Example: ");
        if (at < 0) {
            return Optional.empty();
        }
        try {
            String example = words.substring(at + "Example: ".length()).replaceFirst("\\.$", "");
            return Optional.of(YAML.readTree(example.replaceFirst(",? (or|one) .*", "")));
        } catch (IOException noYaml) {
            return Optional.empty();
        }
    }

    private List<String> rules() {
        var rules = new ArrayList<String>();
        node.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(rule.path("rule").asText()));
        return rules;
    }

    /** The pattern that a text must match, from the keyword or from a rule. */
    Optional<String> pattern() {
        if (node.has("pattern")) {
            return Optional.of(node.path("pattern").asText());
        }
        return rules().stream()
                .map(PATTERN_OF_RULE::matcher)
                .filter(Matcher::matches)
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .findFirst();
    }

    /** The durations that rules compare this field to. */
    List<String> durationBounds() {
        return rules().stream()
                .flatMap(rule -> DURATION_BOUND.matcher(rule).results())
                .map(bound -> bound.group(1))
                .toList();
    }

    /** The fields of which exactly one must be set, and those of which at most one may be. */
    List<List<String>> groups(boolean exactlyOne) {
        return rules().stream()
                .filter(rule -> exactlyOne
                        ? rule.endsWith(".size() == 1")
                                || EXACTLY_ONE.matcher(rule).matches()
                        : rule.endsWith(".size() <= 1")
                                || NOT_BOTH.matcher(rule).matches())
                .map(rule -> FIELD_OF_RULE
                        .matcher(rule)
                        .results()
                        .map(found -> found.group(1))
                        .toList())
                .toList();
    }
}

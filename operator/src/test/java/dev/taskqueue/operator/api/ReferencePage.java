package dev.taskqueue.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.CustomResource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes {@code docs/reference.md} from the CRDs: one table for the top-level fields of spec and status, and one table for each field that has fields
 * itself. Run by {@code mvn -pl operator test -Dtest=ReferenceDriftTest -Dcrds.write=true}.
 */
final class ReferencePage {
    /** The path of the page in the repository. Tests run in the folder of their module. */
    static final Path FILE = Path.of("..", "docs", "reference.md");

    private static final String HEADER = """
            <!-- Generated from operator/src/main/java/dev/taskqueue/operator/api; change it there, then write this page anew by
            mvn -pl operator test -Dtest=CrdDriftTest,ReferenceDriftTest -Dcrds.write=true -->

            # Reference

            Every field of all kinds, in the words of `kubectl explain`. The API is `taskqueue.dev/v1beta1`; all kinds are namespaced, and every
            reference stays inside the object's own namespace.

            - The API server fills in the `default`. If the operator supplies a value later, the meaning says so.
            - A `time` is RFC 3339 (`2026-11-21T09:00:00Z`), a `duration` has hours, minutes, seconds or milliseconds (`1h30m`, `100ms`).
            - `a[].b` is the field `b` of each entry of the list `a`.
            - *Refused:* the sentence with which the API server refuses a value that breaks a rule.

            """;

    private static final String TABLE = """
            | field | type and bounds | default | meaning |
            | --- | --- | --- | --- |
            """;

    private final StringBuilder page = new StringBuilder(HEADER);

    private ReferencePage() {}

    /** The text that the file of the page must have. */
    static String markdown() {
        var reference = new ReferencePage();
        for (Class<? extends CustomResource<?, ?>> kind : CrdWriter.KINDS) {
            reference.kind(CrdWriter.crd(kind));
        }
        return reference.page.toString().stripTrailing() + "\n";
    }

    private void kind(JsonNode crd) {
        JsonNode names = crd.at("/spec/names");
        String kind = names.path("kind").asText();
        JsonNode version = crd.at("/spec/versions/0");
        page.append("## %s\n\nFull name `%s`, short name `%s`. Field selectors: %s.\n\n"
                .formatted(
                        kind,
                        crd.at("/metadata/name").asText(),
                        names.at("/shortNames/0").asText(),
                        selectors(version)));
        JsonNode schema = version.at("/schema/openAPIV3Schema");
        for (String part : List.of("spec", "status")) {
            part(kind, part, schema);
        }
    }

    private static String selectors(JsonNode version) {
        List<String> paths = new ArrayList<>(List.of("`metadata.name`"));
        version.path("selectableFields")
                .forEach(
                        field -> paths.add("`" + field.path("jsonPath").asText().substring(1) + "`"));
        return String.join(", ", paths);
    }

    private void part(String kind, String part, JsonNode root) {
        JsonNode schema = root.path("properties").path(part);
        page.append("### %s %s\n\n%s".formatted(kind, part, TABLE));
        row("`" + part + "`", schema, ReferenceCells.isRequired(root, part));
        for (Map.Entry<String, JsonNode> field : fields(schema)) {
            String path = part + "." + field.getKey();
            String name = fields(below(field.getValue())).isEmpty()
                    ? "`" + path + "`"
                    : "[`%s`](#%s)".formatted(path, anchor(kind + " " + path));
            row(name, field.getValue(), ReferenceCells.isRequired(schema, field.getKey()));
        }
        page.append('\n');
        for (Map.Entry<String, JsonNode> field : fields(schema)) {
            if (!fields(below(field.getValue())).isEmpty()) {
                page.append("#### %s %s.%s\n\n%s".formatted(kind, part, field.getKey(), TABLE));
                rows(field.getKey() + (isList(field.getValue()) ? "[]" : ""), below(field.getValue()));
                page.append('\n');
            }
        }
    }

    private void rows(String path, JsonNode schema) {
        for (Map.Entry<String, JsonNode> field : fields(schema)) {
            String name = path + "." + field.getKey();
            JsonNode value = field.getValue();
            row("`" + name + "`", value, ReferenceCells.isRequired(schema, field.getKey()));
            rows(name + (isList(value) ? "[]" : ""), below(value));
        }
    }

    private void row(String name, JsonNode schema, boolean required) {
        page.append("| %s | %s | %s | %s |\n"
                .formatted(
                        name,
                        ReferenceCells.bounds(schema),
                        ReferenceCells.fallback(schema, required),
                        ReferenceCells.meaning(schema)));
    }

    /** The schema whose fields the table lists: for a list, the schema of its items. */
    private static JsonNode below(JsonNode schema) {
        return isList(schema) ? schema.path("items") : schema;
    }

    private static boolean isList(JsonNode schema) {
        return schema.has("items");
    }

    private static List<Map.Entry<String, JsonNode>> fields(JsonNode schema) {
        return List.copyOf(schema.path("properties").properties());
    }

    /** The anchor that GitHub gives a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-');
    }
}

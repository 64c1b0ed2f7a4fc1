package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Selects the objects of a collection for a request. An object must match both the label selector and the field selector. */
final class ObjectSelector {
    static final ObjectSelector ALL = new ObjectSelector(List.of());

    private static final String NAME = "[A-Za-z0-9./_-]+";
    private static final Pattern SET = Pattern.compile("\\s*(" + NAME + ")\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*");
    private static final Pattern EQUALITY = Pattern.compile("\\s*(" + NAME + ")\\s*(==|=|!=)\\s*([^\\s,]*)\\s*");
    private static final Pattern EXISTENCE = Pattern.compile("\\s*(!?)\\s*(" + NAME + ")\\s*");

    private final List<Predicate<JsonNode>> terms;

    private ObjectSelector(List<Predicate<JsonNode>> terms) {
        this.terms = terms;
    }

    /** @throws ApiFailure 400 if a selector is invalid, or names a field by which this resource cannot be selected */
    static ObjectSelector of(ResourceType type, @Nullable String labelSelector, @Nullable String fieldSelector) {
        var terms = new ArrayList<Predicate<JsonNode>>();
        if (labelSelector != null && !labelSelector.isBlank()) {
            split(labelSelector).forEach(term -> terms.add(label(term)));
        }
        if (fieldSelector != null && !fieldSelector.isBlank()) {
            split(fieldSelector).forEach(term -> terms.add(field(type, term)));
        }
        return terms.isEmpty() ? ALL : new ObjectSelector(List.copyOf(terms));
    }

    boolean matches(JsonNode object) {
        return terms.stream().allMatch(term -> term.test(object));
    }

    private static Predicate<JsonNode> label(String term) {
        Matcher set = SET.matcher(term);
        if (set.matches()) {
            Set<String> values = Set.copyOf(Arrays.stream(set.group(3).split(",", -1))
                    .map(String::strip)
                    .distinct()
                    .toList());
            boolean in = set.group(2).equals("in");
            // As in Kubernetes, "not in" also matches an object without the label.
            return object -> in == values.contains(labelOf(object, set.group(1)).asText("\0"));
        }
        Matcher equality = EQUALITY.matcher(term);
        if (equality.matches()) {
            boolean equal = !equality.group(2).equals("!=");
            String value = equality.group(3);
            return object ->
                    equal == labelOf(object, equality.group(1)).asText("\0").equals(value);
        }
        Matcher existence = EXISTENCE.matcher(term);
        if (existence.matches()) {
            boolean present = existence.group(1).isEmpty();
            return object -> present == labelOf(object, existence.group(2)).isTextual();
        }
        throw ApiFailure.badRequest("unable to parse requirement \"" + term + "\" of the label selector");
    }

    private static JsonNode labelOf(JsonNode object, String name) {
        return object.path("metadata").path("labels").path(name);
    }

    private static Predicate<JsonNode> field(ResourceType type, String term) {
        Matcher equality = EQUALITY.matcher(term);
        if (!equality.matches()) {
            throw ApiFailure.badRequest("invalid field selector \"" + term + "\": write path=value or path!=value");
        }
        String path = equality.group(1);
        if (type.custom() != null && !isSelectable(type.custom(), path)) {
            throw ApiFailure.badRequest("field label not supported: " + path);
        }
        FieldPath field = FieldPath.parse("." + path);
        boolean equal = !equality.group(2).equals("!=");
        String value = equality.group(3);
        return object ->
                equal == field.first(object).map(JsonNode::asText).orElse("").equals(value);
    }

    private static boolean isSelectable(CustomRules rules, String path) {
        return path.equals("metadata.name")
                || path.equals("metadata.namespace")
                || rules.selectableFields().contains("." + path);
    }

    /** Splits a selector at the commas outside parentheses. */
    private static List<String> split(String selector) {
        return List.of(selector.split(",(?![^(]*\\))", -1));
    }
}

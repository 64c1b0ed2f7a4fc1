package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The label selector and the field selector of a list or watch, with equality and existence only. An object must match all terms. */
final class Selector {
    private final List<Predicate<JsonNode>> terms;

    private Selector(List<Predicate<JsonNode>> terms) {
        this.terms = terms;
    }

    static Selector of(ResourceKind kind, ApiRequest request) {
        var terms = new ArrayList<Predicate<JsonNode>>();
        for (String term : split(request.parameter("labelSelector"))) {
            terms.add(label(term));
        }
        for (String term : split(request.parameter("fieldSelector"))) {
            terms.add(field(kind, term));
        }
        return new Selector(terms);
    }

    boolean isEmpty() {
        return terms.isEmpty();
    }

    boolean matches(JsonNode object) {
        for (Predicate<JsonNode> term : terms) {
            if (!term.test(object)) {
                return false;
            }
        }
        return true;
    }

    private static String[] split(String selector) {
        return selector.isEmpty() ? new String[0] : selector.split(",", -1);
    }

    private static Predicate<JsonNode> label(String term) {
        Comparison comparison = Comparison.of(term);
        if (comparison != null) {
            String[] path = {"metadata", "labels", comparison.left};
            return comparison.test(path);
        }
        boolean wanted = !term.startsWith("!");
        String name = wanted ? term : term.substring(1);
        return object -> wanted == object.path("metadata").path("labels").has(name);
    }

    private static Predicate<JsonNode> field(ResourceKind kind, String term) {
        Comparison comparison = Comparison.of(term);
        if (comparison == null) {
            throw RequestFailure.badRequest("invalid selector: '" + term + "'; can't understand '" + term + "'");
        }
        if (!kind.isSelectable(comparison.left)) {
            throw RequestFailure.badRequest("field label not supported: " + comparison.left);
        }
        return comparison.test(comparison.left.split("\\.", -1));
    }

    private record Comparison(String left, boolean isEqual, String right) {
        static @org.jspecify.annotations.Nullable Comparison of(String term) {
            int at = term.indexOf('=');
            if (at < 1) {
                return null;
            }
            boolean isEqual = term.charAt(at - 1) != '!';
            String left = term.substring(0, isEqual ? at : at - 1);
            int rightAt = isEqual && term.startsWith("==", at) ? at + 2 : at + 1;
            return new Comparison(left, isEqual, term.substring(rightAt));
        }

        Predicate<JsonNode> test(String[] path) {
            return object -> isEqual == Json.at(object, path).asText().equals(right);
        }
    }
}

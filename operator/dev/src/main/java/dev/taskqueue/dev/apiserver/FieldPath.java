package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of JSONPath that printer columns and selectable fields use: {@code .a.b}, {@code .a[*].b}, {@code .a[0]} and
 * {@code .a[?(@.type=="Ready")].b}.
 */
final class FieldPath {
    private static final Pattern STEP = Pattern.compile(
            "\\.(?<name>[A-Za-z0-9_-]+)|\\[(?<index>\\d+)]|(?<all>\\[\\*])|\\[\\?\\(@\\.(?<key>[A-Za-z0-9_.-]+)\\s*==\\s*[\"'](?<value>[^\"']*)[\"']\\)]");

    private sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}

        record All() implements Step {}

        record Where(String key, String value) implements Step {}
    }

    private final String text;
    private final List<Step> steps;

    private FieldPath(String text, List<Step> steps) {
        this.text = text;
        this.steps = steps;
    }

    /** @throws IllegalArgumentException if the path uses something that is not supported here */
    static FieldPath parse(String text) {
        Matcher matcher = STEP.matcher(text);
        var steps = new ArrayList<Step>();
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find() || matcher.start() != at) {
                throw new IllegalArgumentException(
                        "cannot read the path " + text + " from \"" + text.substring(at) + "\"");
            }
            steps.add(step(matcher));
            at = matcher.end();
        }
        return new FieldPath(text, List.copyOf(steps));
    }

    private static Step step(Matcher matcher) {
        if (matcher.group("name") != null) {
            return new Step.Name(matcher.group("name"));
        }
        if (matcher.group("index") != null) {
            return new Step.Index(Integer.parseInt(matcher.group("index")));
        }
        return matcher.group("all") != null
                ? new Step.All()
                : new Step.Where(matcher.group("key"), matcher.group("value"));
    }

    /** All values that the path selects. */
    List<JsonNode> all(JsonNode root) {
        List<JsonNode> nodes = List.of(root);
        for (Step step : steps) {
            var next = new ArrayList<JsonNode>();
            for (JsonNode node : nodes) {
                switch (step) {
                    case Step.Name(String name) -> next.add(node.path(name));
                    case Step.Index(int index) -> next.add(node.path(index));
                    case Step.All() -> node.forEach(next::add);
                    case Step.Where(String key, String value) ->
                        node.forEach(item -> {
                            if (item.path(key).asText().equals(value)) {
                                next.add(item);
                            }
                        });
                }
            }
            nodes = next;
        }
        return nodes.stream()
                .filter(node -> !node.isMissingNode() && !node.isNull())
                .toList();
    }

    Optional<JsonNode> first(JsonNode root) {
        return all(root).stream().findFirst();
    }

    @Override
    public String toString() {
        return text;
    }
}

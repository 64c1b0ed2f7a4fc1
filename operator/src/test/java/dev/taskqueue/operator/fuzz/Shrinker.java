package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds the smallest specs that still show a fault: it leaves out specs, then fields, as long as the fault stays. */
final class Shrinker {
    private static final int MOST_TRIES = 60;
    private static final int SHORT = 3;

    private final Predicate<List<FuzzSpec>> isFaulty;
    private int tries;

    /** @param isFaulty tries specs, and says whether the fault is there */
    Shrinker(Predicate<List<FuzzSpec>> isFaulty) {
        this.isFaulty = isFaulty;
    }

    /**
     * The smallest specs; empty if the fault does not come again.
     *
     * @param suspect index of the spec that seems to be at fault; -1 if none does
     */
    List<FuzzSpec> shrink(List<FuzzSpec> specs, int suspect) {
        List<FuzzSpec> suspects =
                specs.stream().filter(spec -> spec.index() == suspect).toList();
        List<FuzzSpec> few = !suspects.isEmpty() && stays(suspects) ? suspects : fewer(specs);
        return few.size() == 1 ? List.of(smaller(few.getFirst())) : few;
    }

    private boolean stays(List<FuzzSpec> specs) {
        return tries++ < MOST_TRIES && isFaulty.test(specs);
    }

    /** Leaves out halves, quarters and so on. */
    private List<FuzzSpec> fewer(List<FuzzSpec> specs) {
        if (!stays(specs)) {
            return List.of();
        }
        List<FuzzSpec> left = specs;
        for (int size = (left.size() + 1) / 2; left.size() > 1 && tries < MOST_TRIES; size = Math.max(1, size / 2)) {
            boolean changed = false;
            for (int from = 0; from < left.size() && left.size() > 1; from += size) {
                var without = new ArrayList<>(left);
                without.subList(from, Math.min(left.size(), from + size)).clear();
                if (!without.isEmpty() && stays(without)) {
                    left = without;
                    changed = true;
                    break;
                }
            }
            if (!changed && size == 1) {
                return left;
            }
        }
        return left;
    }

    /** Leaves out fields, the outer ones first. */
    private FuzzSpec smaller(FuzzSpec spec) {
        FuzzSpec smallest = spec;
        for (FuzzSpec next = smallest; next != null; next = firstSmaller(smallest)) {
            smallest = next;
        }
        return smallest;
    }

    private @Nullable FuzzSpec firstSmaller(FuzzSpec spec) {
        var cuts = new ArrayList<FuzzSpec>();
        if (!spec.later().isEmpty()) {
            ObjectNode nothing = spec.later().objectNode();
            cuts.add(spec.with(spec.manifest(), nothing));
        }
        for (String path : List.of("", "/metadata", "/metadata/annotations")) {
            cut(spec, spec.manifest(), path, cuts, false);
        }
        cut(spec, spec.manifest().path("spec"), "/spec", cuts, true);
        shorten(spec, cuts);
        return cuts.stream()
                .filter(smaller -> stays(List.of(smaller)))
                .findFirst()
                .orElse(null);
    }

    private static void cut(FuzzSpec spec, JsonNode at, String path, List<FuzzSpec> cuts, boolean deep) {
        JsonNode here = deep ? at : spec.manifest().at(path);
        if (here instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                String name = field.getKey();
                if (deep || !List.of("apiVersion", "kind", "metadata", "spec").contains(name)) {
                    ObjectNode manifest = spec.manifest().deepCopy();
                    ((ObjectNode) manifest.at(path)).remove(name);
                    cuts.add(spec.with(manifest, spec.later()));
                }
            });
            if (deep) {
                object.properties()
                        .forEach(field -> cut(spec, field.getValue(), path + "/" + escape(field.getKey()), cuts, true));
            }
        }
        if (deep && here instanceof ArrayNode list) {
            for (int i = 0; i < Math.min(3, list.size()); i++) {
                ObjectNode manifest = spec.manifest().deepCopy();
                ((ArrayNode) manifest.at(path)).remove(i);
                cuts.add(spec.with(manifest, spec.later()));
            }
        }
    }

    /** Halves the texts of the spec. */
    private static void shorten(FuzzSpec spec, List<FuzzSpec> cuts) {
        int count = texts(spec.manifest()).size();
        for (int i = 0; i < 2 * count; i++) {
            ObjectNode manifest = spec.manifest().deepCopy();
            Text text = texts(manifest).get(i / 2);
            String value = text.value();
            int middle = value.length() / 2;
            text.object().put(text.field(), i % 2 == 0 ? value.substring(0, middle) : value.substring(middle));
            cuts.add(spec.with(manifest, spec.later()));
        }
    }

    /** A text of more than a few characters. */
    private record Text(ObjectNode object, String field, String value) {}

    private static List<Text> texts(ObjectNode manifest) {
        var texts = new ArrayList<Text>();
        collect(manifest.path("spec"), texts);
        return texts;
    }

    private static void collect(JsonNode at, List<Text> texts) {
        at.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isTextual()
                    && value.asText().length() > SHORT
                    && !field.getKey().equals("name")) {
                texts.add(new Text((ObjectNode) at, field.getKey(), value.asText()));
            }
            collect(value, texts);
        });
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}

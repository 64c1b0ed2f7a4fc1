package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.task.OddValues;
import dev.taskqueue.operator.task.SpecFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Changes one field of a spec: to a bound of its schema, just beyond it, or to something that is wrong or odd. */
final class SpecMutator {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int LONGEST_LIST = 1000;

    /** The kinds of change. */
    enum Kind {
        LOWER_BOUND,
        UPPER_BOUND,
        BELOW,
        ABOVE,
        OTHER_TYPE,
        NULL,
        MISSING,
        UNKNOWN_FIELD,
        ODD,
        OTHER_CASE,
        DEEP
    }

    /** A field in an object; it may be absent. */
    private record Place(CrdSchema schema, ObjectNode object) {}

    private final SplittableRandom random;
    private final SpecGenerator values;

    SpecMutator(SplittableRandom random, SpecGenerator values) {
        this.random = random;
        this.values = values;
    }

    /** Changes a field of {@code spec}, in place. Every field is as likely as any other. Returns the path and the kind of change. */
    String change(ObjectNode spec, CrdSchema schema, Kind kind) {
        List<List<CrdSchema>> ways = new ArrayList<>();
        collect(schema, List.of(), ways);
        Place place = place(spec, ways.get(random.nextInt(ways.size())));
        change(place, kind);
        return place.schema().path() + " " + kind;
    }

    /** Collects the way to each field: the schemas from the outermost field to it. */
    private static void collect(CrdSchema schema, List<CrdSchema> before, List<List<CrdSchema>> ways) {
        for (CrdSchema field : schema.fields()) {
            var way = new ArrayList<CrdSchema>(before);
            way.add(field);
            ways.add(way);
            CrdSchema inner = field.form() == CrdSchema.Form.LIST ? field.items() : field;
            collect(inner, way, ways);
        }
    }

    /** Goes a way, and makes the objects on it that are missing. */
    private Place place(ObjectNode spec, List<CrdSchema> way) {
        ObjectNode object = spec;
        for (CrdSchema field : way.subList(0, way.size() - 1)) {
            JsonNode next = object.path(field.name());
            if (field.form() == CrdSchema.Form.LIST) {
                JsonNode list = next;
                next = list.path(0);
                if (!next.isObject()) {
                    next = values.value(field.items());
                    object.set(field.name(), JSON.arrayNode().add(next));
                }
            } else if (!next.isObject()) {
                next = values.value(field);
                object.set(field.name(), next);
            }
            object = (ObjectNode) next;
        }
        return new Place(way.getLast(), object);
    }

    private void change(Place place, Kind kind) {
        ObjectNode object = place.object();
        CrdSchema field = place.schema();
        String name = field.name();
        switch (kind) {
            case NULL -> object.putNull(name);
            case MISSING -> object.remove(name);
            case UNKNOWN_FIELD -> object.set(random.nextBoolean() ? name + "s" : "x-" + name, OddTexts.json(random, 3));
            case OTHER_TYPE -> object.set(name, otherType(field));
            case ODD -> object.set(name, odd(field));
            case OTHER_CASE -> object.put(name, recase(values.value(field).asText()));
            case DEEP -> object.set(name, OddTexts.deep(1 << random.nextInt(3, 14), random.nextBoolean()));
            case LOWER_BOUND -> object.set(name, bound(field, true, 0));
            case UPPER_BOUND -> object.set(name, bound(field, false, 0));
            case BELOW -> object.set(name, bound(field, true, -1));
            case ABOVE -> object.set(name, bound(field, false, 1));
        }
    }

    private String recase(String text) {
        return random.nextBoolean() ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
    }

    private JsonNode otherType(CrdSchema field) {
        return switch (field.form()) {
            case OBJECT, MAP -> random.nextBoolean() ? JSON.textNode("x") : JSON.arrayNode();
            case LIST -> random.nextBoolean() ? JSON.objectNode() : JSON.textNode("x");
            case INTEGER, QUANTITY -> random.nextBoolean() ? JSON.booleanNode(true) : JSON.textNode("5 ");
            default ->
                random.nextBoolean()
                        ? OddTexts.number(random)
                        : JSON.arrayNode().add("x");
        };
    }

    private JsonNode odd(CrdSchema field) {
        return switch (field.form()) {
            case TIME -> oneOf(SpecFields.Form.TIME);
            case DURATION -> oneOf(SpecFields.Form.DURATION);
            case INTEGER -> oneOf(SpecFields.Form.INTEGER);
            case QUANTITY -> oneOf(SpecFields.Form.QUANTITY);
            case MAP -> {
                ObjectNode map = JSON.objectNode();
                map.set(OddTexts.text(random), JSON.textNode(OddTexts.text(random)));
                yield map;
            }
            case LIST -> JSON.arrayNode().add(values.value(field.items())).addNull();
            case OBJECT -> JSON.objectNode();
            case CHOICE, TEXT -> JSON.textNode(oddText(field));
            case ANY -> OddTexts.json(random, 0);
        };
    }

    /** An odd text alone, or at the end of a valid one. */
    private String oddText(CrdSchema field) {
        String odd = OddTexts.text(random);
        return random.nextBoolean() ? odd : values.value(field).asText() + odd;
    }

    private JsonNode oneOf(SpecFields.Form form) {
        List<Object> all = OddValues.of(form);
        Object value = all.get(random.nextInt(all.size()));
        return switch (value) {
            case String text -> JSON.textNode(text);
            case Boolean yes -> JSON.booleanNode(yes);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case java.math.BigDecimal number -> JSON.numberNode(number);
            default -> throw new IllegalStateException("unexpected " + value);
        };
    }

    private JsonNode bound(CrdSchema field, boolean lower, int beyond) {
        return switch (field.form()) {
            case INTEGER ->
                JSON.numberNode(
                        (long) field.bound(lower ? "minimum" : "maximum", lower ? 0 : Integer.MAX_VALUE) + beyond);
            case LIST -> list(field, Math.max(0, count(field, lower, "Items") + beyond));
            case MAP -> map(field, Math.max(0, count(field, lower, "Properties") + beyond));
            case DURATION -> JSON.textNode(duration(field, lower, beyond));
            case TEXT -> JSON.textNode(text(field, Math.max(0, count(field, lower, "Length") + beyond)));
            default -> odd(field);
        };
    }

    private static int count(CrdSchema field, boolean lower, String what) {
        return lower ? field.bound("min" + what, 0) : Math.min(field.bound("max" + what, 5), 2_500_000);
    }

    private JsonNode list(CrdSchema field, int count) {
        ArrayNode list = JSON.arrayNode();
        for (int i = 0; i < Math.min(count, LONGEST_LIST); i++) {
            JsonNode item = values.value(field.items());
            if (item instanceof ObjectNode object && object.has("name")) {
                object.put("name", "X-" + i);
            }
            list.add(item.isInt() ? JSON.numberNode(300 + i) : item);
        }
        return list;
    }

    private static JsonNode map(CrdSchema field, int count) {
        ObjectNode map = JSON.objectNode();
        for (int i = 0; i < Math.min(count, LONGEST_LIST); i++) {
            map.put("X-" + i, field.values().path());
        }
        return map;
    }

    private String duration(CrdSchema field, boolean lower, int beyond) {
        List<String> bounds = field.durationBounds();
        String bound = bounds.isEmpty() ? "99999h" : bounds.get(random.nextInt(bounds.size()));
        return beyond == 0 ? bound : lower ? "999ms" : bound + "1ms";
    }

    private String text(CrdSchema field, int length) {
        // Bodies at their longest are megabytes, so few of them are made.
        int kept = length > 100_000 && random.nextInt(4) > 0 ? 262_144 : length;
        String start = field.pattern()
                .map(pattern -> PatternSampler.sample(pattern, random))
                .orElse("");
        return start.length() >= kept ? start.substring(0, kept) : start + "a".repeat(kept - start.length());
    }
}

package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Makes values that a schema most likely accepts. The rules in CEL are hints: most values obey them, and a few do not. */
final class SpecGenerator {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final long FIRST_SECOND =
            Instant.parse("0001-01-02T00:00:00Z").getEpochSecond();
    private static final long LAST_SECOND =
            Instant.parse("9999-12-30T00:00:00Z").getEpochSecond();
    private static final List<String> DURATIONS =
            List.of("0s", "1ms", "100ms", "1s", "2s", "30s", "1h", "1h30m", "24h", "720h", "8760h");
    private static final List<String> TIMES = List.of(
            "0001-01-01T00:00:00Z",
            "2001-09-09T01:46:40Z",
            "2026-02-28T23:59:59.999999999Z",
            "2028-02-29T00:00:00+18:00",
            "2099-01-01T00:00:00-18:00",
            "9999-12-31T23:59:59Z");
    private static final List<String> HEADERS = List.of(
            "Content-Type",
            "content-length",
            "Host",
            "Authorization",
            "Idempotency-Key",
            "Cookie",
            "X-Request-Id",
            "traceparent",
            "Accept-Encoding",
            "User-Agent",
            "TaskQueue-Attempt",
            "X-CloudTasks-TaskName",
            "Date",
            "!#$%&'*+-.^_`|~0",
            "x");

    private final SplittableRandom random;
    private final Map<String, List<String>> names;
    private final LineGenerator lines;

    /** @param names by the end of a field's path: the names of objects that exist, and of some that do not */
    SpecGenerator(SplittableRandom random, Map<String, List<String>> names) {
        this.random = random;
        this.names = new TreeMap<>(names);
        this.lines = new LineGenerator(random, this);
    }

    JsonNode value(CrdSchema schema) {
        for (Map.Entry<String, List<String>> known : names.entrySet()) {
            if (schema.path().endsWith(known.getKey()) && random.nextInt(20) > 0) {
                return JSON.textNode(one(known.getValue()));
            }
        }
        return switch (schema.form()) {
            case OBJECT -> object(schema);
            case MAP -> map(schema);
            case LIST -> list(schema);
            case CHOICE -> JSON.textNode(one(schema.choices()));
            case TIME -> JSON.textNode(time());
            case DURATION -> JSON.textNode(duration(schema));
            case TEXT -> JSON.textNode(text(schema));
            case INTEGER -> JSON.numberNode(integer(schema));
            case QUANTITY -> quantity(schema);
            case ANY -> OddTexts.json(random, 0);
        };
    }

    private ObjectNode object(CrdSchema schema) {
        ObjectNode object = JSON.objectNode();
        Set<String> chosen = choose(schema);
        for (CrdSchema field : schema.fields()) {
            if (chosen.contains(field.name())) {
                object.set(field.name(), value(field));
            }
        }
        return object;
    }

    private Set<String> choose(CrdSchema schema) {
        var chosen = new HashSet<>(schema.required());
        for (CrdSchema field : schema.fields()) {
            boolean target = field.name().equals("httpRequest")
                    || (field.path().equals("spec.template") && random.nextInt(10) > 0)
                    || (field.path().endsWith("httpRequest.serviceRef") && random.nextInt(10) > 0);
            if (target || random.nextInt(5) == 0) {
                chosen.add(field.name());
            }
        }
        if (random.nextInt(25) > 0) {
            schema.groups(false).forEach(group -> keepOne(chosen, group));
            schema.groups(true).forEach(group -> {
                keepOne(chosen, group);
                if (group.stream().noneMatch(chosen::contains)) {
                    chosen.add(one(group));
                }
            });
        }
        return chosen;
    }

    private void keepOne(Set<String> chosen, List<String> group) {
        List<String> both = group.stream().filter(chosen::contains).toList();
        if (both.size() > 1) {
            both.forEach(chosen::remove);
            chosen.add(one(both));
        }
    }

    private ObjectNode map(CrdSchema schema) {
        ObjectNode map = JSON.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            map.set(one(HEADERS), headerValue(schema.values()));
        }
        return map;
    }

    private JsonNode headerValue(CrdSchema schema) {
        return JSON.textNode(
                switch (random.nextInt(6)) {
                    case 0 -> "";
                    case 1 -> " a\tb ";
                    case 2 -> "x".repeat(Math.min(schema.bound("maxLength", 100), 1 << random.nextInt(16)));
                    case 3 -> "application/json; charset=\"utf-8\"";
                    default -> "canary-header-" + random.nextInt(100);
                });
    }

    private ArrayNode list(CrdSchema schema) {
        ArrayNode list = JSON.arrayNode();
        int least = schema.bound("minItems", 0);
        int count = least + random.nextInt(Math.min(4, schema.bound("maxItems", 4) - least + 1));
        for (int i = 0; i < count; i++) {
            list.add(value(schema.items()));
        }
        return list;
    }

    private String time() {
        if (random.nextInt(3) == 0) {
            return one(TIMES);
        }
        long near = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() + random.nextLong(400L * 24 * 3600);
        long second = random.nextBoolean() ? near : random.nextLong(FIRST_SECOND, LAST_SECOND);
        return Instant.ofEpochSecond(second, random.nextBoolean() ? 0 : random.nextInt(1_000_000_000))
                .toString();
    }

    private String duration(CrdSchema schema) {
        var all = new ArrayList<>(DURATIONS);
        all.addAll(schema.durationBounds());
        schema.example().ifPresent(example -> all.add(example.asText()));
        return random.nextInt(12) == 0 ? PatternSampler.sample(schema.pattern().orElseThrow(), random) : one(all);
    }

    private String text(CrdSchema schema) {
        if (schema.path().equals("spec.lines")) {
            return lines.lines();
        }
        if (schema.name().startsWith("bodyBase64")) {
            return one(List.of("", "eyJvcmRlcklkIjoiNDcxMSJ9", "YQ==", "AAECAwQF", "////", "Zh=="));
        }
        if (schema.name().equals("body")) {
            return random.nextBoolean() ? "canary-body-" + random.nextInt(100) : OddTexts.text(random);
        }
        if (random.nextInt(3) == 0 && schema.example().isPresent()) {
            return schema.example().orElseThrow().asText();
        }
        if (schema.path().endsWith("secretHeaders[].name")) {
            return one(HEADERS);
        }
        return schema.pattern()
                .map(pattern -> PatternSampler.sample(pattern, random))
                .orElse("x".repeat(1 + random.nextInt(8)));
    }

    private int integer(CrdSchema schema) {
        int least = schema.bound("minimum", 0);
        if (schema.path().equals("spec.count") && random.nextInt(30) > 0) {
            // Every item is sent, so few batches are large.
            return random.nextInt(1, 9);
        }
        int most = schema.bound("maximum", 100);
        return switch (random.nextInt(8)) {
            case 0 -> least;
            case 1 -> most;
            case 2 -> schema.example().map(JsonNode::asInt).orElse(least);
            default -> (int) (least + random.nextLong(Math.min(20, (long) most - least) + 1));
        };
    }

    private JsonNode quantity(CrdSchema schema) {
        if (schema.name().equals("port")) {
            return random.nextInt(3) > 0
                    ? JSON.textNode(one(List.of("http", "https", "other", "missing")))
                    : JSON.numberNode(one(List.of(FuzzWorld.PORT, FuzzWorld.PORT, 1, 65_535)));
        }
        return random.nextBoolean()
                ? JSON.numberNode(integer(schema))
                : JSON.textNode(one(List.of("0.001", "0.5", "500m", "1", "25", "1k", "10e3", "10000", "1e-3")));
    }

    private <T> T one(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}

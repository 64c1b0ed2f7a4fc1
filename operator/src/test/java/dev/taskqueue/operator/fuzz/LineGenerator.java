package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Makes the {@code lines} of a TaskBatch from the schema of its {@code items}. Most are valid; others have one line that is wrong or odd. */
final class LineGenerator {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final CrdSchema ITEM =
            CrdSchema.of("TaskBatch").field("items").items();
    private static final List<String> FIELDS =
            ITEM.fields().stream().map(CrdSchema::name).toList();
    private static final List<String> ENDS = List.of("\n", "\n", "\n", "\n\n", "\r\n", " \n", "\n\t\n");
    private static final List<String> NO_ITEMS = List.of(
            "null",
            "[]",
            "[{}]",
            "5",
            "\"x\"",
            "{",
            "}",
            "{}{}",
            "{\"path\": }",
            "{'path': '/a'}",
            "// {}",
            "{\"a\":1}");

    /** More than a batch may have. */
    private static final int TOO_MANY = 1001;

    private static final int LONG_BODY = 65_537;

    private final SplittableRandom random;
    private final SpecGenerator values;

    LineGenerator(SplittableRandom random, SpecGenerator values) {
        this.random = random;
        this.values = values;
    }

    String lines() {
        List<ObjectNode> items = new ArrayList<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            items.add(item());
        }
        if (random.nextInt(5) == 0) {
            change(items.get(random.nextInt(items.size())), items);
        }
        List<String> lines =
                new ArrayList<>(items.stream().map(FuzzClient::write).toList());
        switch (random.nextInt(60)) {
            case 0 -> lines.add(random.nextInt(lines.size() + 1), NO_ITEMS.get(random.nextInt(NO_ITEMS.size())));
            case 1 -> lines.add(OddTexts.text(random));
            case 2 -> lines.addAll(Collections.nCopies(random.nextBoolean() ? TOO_MANY : 300, "{}"));
            case 3 -> lines.addFirst("\ufeff{}");
            default -> {}
        }
        var text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append(ENDS.get(random.nextInt(ENDS.size())));
        }
        return random.nextBoolean() ? text.toString() : text.toString().stripTrailing() + " ";
    }

    private ObjectNode item() {
        ObjectNode item = (ObjectNode) values.value(ITEM);
        if (item.has("body") && random.nextBoolean()) {
            item.set("body", OddTexts.json(random, 2));
        }
        return item;
    }

    private void change(ObjectNode item, List<ObjectNode> items) {
        String field = FIELDS.get(random.nextInt(FIELDS.size()));
        switch (random.nextInt(8)) {
            case 0 -> item.set(field, OddTexts.json(random, 3));
            case 1 -> item.putNull(field);
            case 2 -> item.put(field, OddTexts.text(random));
            case 3 -> item.set(random.nextBoolean() ? "paths" : "Path", OddTexts.json(random, 3));
            case 4 -> items.forEach(each -> each.put("key", "k"));
            case 5 -> item.put("body", "x".repeat(LONG_BODY - random.nextInt(2)));
            case 6 -> item.set("body", OddTexts.deep(1 << random.nextInt(3, 12), random.nextBoolean()));
            default -> item.set("headers", headers());
        }
    }

    private JsonNode headers() {
        ObjectNode headers = JSON.objectNode();
        for (int i = random.nextInt(15, 18); i > 0; i--) {
            headers.put("X-" + i, random.nextInt(20) == 0 ? OddTexts.text(random) : "a");
        }
        return headers;
    }
}

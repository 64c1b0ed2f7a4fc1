package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.batch.ItemList.Result;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the items of a batch, and checks everything about them that the API server cannot see. */
public final class ItemListReader {
    private static final int MAX_ITEMS = 1000;
    private static final int SHOWN_FAULTS = 3;

    private final ItemRules rules;
    /** What an item is called in sentences. */
    private final String unit;

    private final byte[] text;
    private final int[] places = new int[2 * MAX_ITEMS];
    private final ItemList.OwnTimes times = new ItemList.OwnTimes(MAX_ITEMS);
    private final Map<String, Integer> keys = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int faultCount;
    private int total;
    private boolean hasDeadLetters;

    private ItemListReader(ItemRules rules, String unit, byte[] text) {
        this.rules = rules;
        this.unit = unit;
        this.text = text;
    }

    /**
     * Reads the items of a batch, and says so if they, or the batch itself, can never be sent.
     *
     * @param batch as it was read
     * @param spec of the same object
     * @param maxScheduleAhead how far ahead of its creation an item may be due
     */
    public static Result read(BatchObject batch, JsonNode spec, Duration maxScheduleAhead) {
        String problem = batch.problem();
        if (problem != null) {
            return new Result.Invalid(problem);
        }
        JsonNode lines = spec.path("lines");
        if (lines.isTextual()) {
            byte[] text = lines.textValue().getBytes(StandardCharsets.UTF_8);
            return new ItemListReader(new ItemRules(batch, false, maxScheduleAhead), "line ", text).lines();
        }
        JsonNode items = spec.path("items");
        if (items.isArray()) {
            return typed(items, new ItemRules(batch, true, maxScheduleAhead));
        }
        int count = spec.path("count").asInt();
        return count >= 1 && count <= MAX_ITEMS
                ? new Result.Read(ItemList.plain(count))
                : new Result.Invalid("spec.count must be 1 to " + MAX_ITEMS + ".");
    }

    private static Result typed(JsonNode items, ItemRules rules) {
        var text = new ByteArrayOutputStream();
        int[] ends = new int[items.size()];
        for (int i = 0; i < items.size(); i++) {
            text.writeBytes(items.get(i).toString().getBytes(StandardCharsets.UTF_8));
            ends[i] = text.size();
        }
        var reader = new ItemListReader(rules, "item ", text.toByteArray());
        for (int i = 0; i < ends.length; i++) {
            reader.add(i == 0 ? 0 : ends[i - 1], ends[i], i);
        }
        return reader.result("spec.items has no item: write at least one.");
    }

    private Result lines() {
        int number = 1;
        for (int start = 0; start < text.length; number++) {
            int end = start;
            while (end < text.length && text[end] != '\n') {
                end++;
            }
            if (!isBlank(start, end)) {
                add(start, end, number);
            }
            start = end + 1;
        }
        return result("spec.lines has no line that is not empty: write one JSON object a line.");
    }

    private boolean isBlank(int start, int end) {
        for (int i = start; i < end; i++) {
            if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private void add(int start, int end, int number) {
        if (total >= MAX_ITEMS) {
            total++;
            return;
        }
        try {
            Item item = ItemParser.parse(text, start, end - start);
            rules.check(item);
            Integer other = item.key() == null ? null : keys.putIfAbsent(item.key(), number);
            if (other != null) {
                throw new ItemFault("key is that of " + unit + other + ", too: choose another one");
            }
            times.note(total, item);
            hasDeadLetters |= item.deadLetterOf() != null;
        } catch (ItemFault fault) {
            faultCount++;
            if (faults.size() < SHOWN_FAULTS) {
                faults.add(unit + number + ": " + fault.getMessage());
            }
        }
        places[2 * total] = start;
        places[(2 * total) + 1] = end;
        total++;
    }

    private Result result(String ifEmpty) {
        if (total == 0) {
            return new Result.Invalid(ifEmpty);
        }
        if (total > MAX_ITEMS) {
            return new Result.Invalid("There are %d items: write at most %d, and the rest into another batch."
                    .formatted(total, MAX_ITEMS));
        }
        return faultCount > 0
                ? Result.Invalid.of(faults, faultCount)
                : new Result.Read(ItemList.of(text, Arrays.copyOf(places, 2 * total), times, hasDeadLetters));
    }
}

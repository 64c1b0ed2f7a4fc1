package dev.taskqueue.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.ItemAttempts;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BatchItemsTest {
    private static final long NOW = Instant.parse("2026-11-21T09:20:00Z").toEpochMilli();
    private static final int ITEMS = 200;

    private final Map<Integer, Long> model = new HashMap<>();

    @RepeatedTest(20)
    void whateverHappensThoseThatAreNotDueAreCountedByTheirHour(RepetitionInfo run) {
        var random = new Random(run.getCurrentRepetition());
        long[] dueAt =
                random.longs(ITEMS, NOW - 3_600_000, NOW + 12 * 3_600_000L).toArray();
        BitSet all = all(ITEMS);
        all.clear(7);
        BatchItems items = BatchItems.dueAt(all, dueAt);
        all.stream().forEach(index -> model.put(index, dueAt[index]));
        for (int step = 0; step < 400; step++) {
            act(random, items);
            assertCounts(items, NOW + step * 60_000L);
        }
    }

    private void act(Random random, BatchItems items) {
        int index = random.nextInt(ITEMS);
        switch (random.nextInt(random.nextInt(20) == 0 ? 4 : 3)) {
            case 0 -> forget(items.takeFirst());
            case 1 -> forget(items.take(index));
            case 2 -> {
                if (!model.containsKey(index)) {
                    long dueAt = NOW + random.nextInt(20 * 3_600_000);
                    items.add(new BatchItems.Item(index, dueAt, ItemAttempts.NONE));
                    model.put(index, dueAt);
                }
            }
            default -> {
                // With the clock set forward, and so back afterwards.
                long by = NOW + random.nextInt(10 * 3_600_000);
                items.makeDue(by);
                model.replaceAll((same, dueAt) -> Math.min(dueAt, by));
            }
        }
    }

    private void forget(BatchItems.@Nullable Item item) {
        if (item != null) {
            assertThat(model.remove(item.index())).isEqualTo(item.dueAt());
        }
    }

    private void assertCounts(BatchItems items, long now) {
        var expected = new HourCounter();
        int ahead = 0;
        for (long dueAt : model.values()) {
            if (dueAt > now) {
                expected.add(dueAt, 1);
                ahead++;
            }
        }
        var counted = new HourCounter();
        assertThat(items.countAhead(now, counted)).isEqualTo(ahead);
        assertThat(counted.result()).isEqualTo(expected.result());
        assertThat(items.size()).isEqualTo(model.size());
    }

    @Test
    void aMillionItemsThatAreDueTogetherAreCountedAsOne() {
        BatchItems items = BatchItems.dueAt(all(1_000_000), NOW + 3_600_000);
        var counter = new HourCounter();
        assertThat(items.countAhead(NOW, counter)).isEqualTo(1_000_000);
        assertThat(counter.result().byHour()).isEqualTo(Map.of(Instant.parse("2026-11-21T10:00:00Z"), 1_000_000));
        assertThat(items.countAhead(NOW + Duration.ofHours(1).toMillis(), counter))
                .isZero();
    }

    private static BitSet all(int total) {
        var all = new BitSet();
        all.set(0, total);
        return all;
    }
}

package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.domain.BatchId;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ItemListCacheTest {
    private static final ItemList LIST = list(100);

    private final ItemListCache cache = new ItemListCache(3L * LIST.size());

    private static ItemList list(int lines) {
        JsonNode json = TestingBatches.json("b", "lines: '" + "{}\\n".repeat(lines) + "'");
        return ((ItemList.Result.Read)
                        ItemListReader.read(BatchReader.read(json), json.path("spec"), Duration.ofDays(1)))
                .items();
    }

    private static BatchId batch(int number) {
        return new BatchId("shop", "b" + number, "uid-" + number);
    }

    private int kept() {
        int kept = 0;
        for (int i = 0; i < 10; i++) {
            kept += cache.get(batch(i)) == null ? 0 : 1;
        }
        return kept;
    }

    @Test
    void keepsNoMoreThanItsBudgetAndForgetsWhatWasNotUsedForTheLongestTime() {
        for (int i = 0; i < 3; i++) {
            cache.put(batch(i), LIST);
        }
        Objects.requireNonNull(cache.get(batch(0)));
        cache.put(batch(3), LIST);
        assertThat(cache.get(batch(1))).isNull();
        assertThat(cache.get(batch(0))).isSameAs(LIST);
        assertThat(kept()).isEqualTo(3);
    }

    @Test
    void whatIsRemovedOrReplacedMakesRoom() {
        for (int i = 0; i < 3; i++) {
            cache.put(batch(i), LIST);
        }
        cache.put(batch(2), LIST);
        assertThat(kept()).isEqualTo(3);
        cache.remove(batch(0));
        cache.remove(batch(0));
        cache.put(batch(3), LIST);
        assertThat(kept()).isEqualTo(3);
    }

    @Test
    void oneListIsKeptEvenIfItIsLarger() {
        cache.put(batch(0), LIST);
        ItemList large = list(1000);
        cache.put(batch(1), large);
        assertThat(cache.get(batch(1))).isSameAs(large);
        assertThat(kept()).isEqualTo(1);
    }
}

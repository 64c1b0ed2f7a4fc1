package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.domain.BatchId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The items of batches, within a budget. The batch that was not used for the longest time is forgotten first; it is read again when one of its items is
 * due. Thread-safe.
 */
final class ItemListCache {
    private final long budget;
    /** The batch that was used last is the last one. */
    private final Map<BatchId, ItemList> lists = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** @param budget in bytes; one list is kept even if it is larger */
    ItemListCache(long budget) {
        this.budget = budget;
    }

    synchronized @Nullable ItemList get(BatchId batch) {
        return lists.get(batch);
    }

    synchronized void put(BatchId batch, ItemList items) {
        remove(batch);
        lists.put(batch, items);
        bytes += items.size();
        Iterator<ItemList> oldest = lists.values().iterator();
        while (bytes > budget && lists.size() > 1) {
            bytes -= oldest.next().size();
            oldest.remove();
        }
    }

    synchronized void remove(BatchId batch) {
        ItemList removed = lists.remove(batch);
        bytes -= removed == null ? 0 : removed.size();
    }
}

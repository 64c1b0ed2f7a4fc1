package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.engine.Journal.Entry;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What has become of each item of a batch. An item is open until it has succeeded, failed for good, or was skipped. */
final class ItemStates {
    private final int total;
    private final BitSet succeeded = new BitSet();
    private final BitSet failed = new BitSet();
    private final BitSet skipped = new BitSet();
    /** Of open items only. */
    private final Map<Integer, ItemRetry> retries = new HashMap<>();
    /** Of failed and skipped items only. */
    private final Map<Integer, EndedItem> endedItems = new HashMap<>();

    ItemStates(int total) {
        this.total = total;
    }

    int total() {
        return total;
    }

    BitSet succeeded() {
        return succeeded;
    }

    BitSet failed() {
        return failed;
    }

    BitSet skipped() {
        return skipped;
    }

    Map<Integer, ItemRetry> retries() {
        return retries;
    }

    Map<Integer, EndedItem> endedItems() {
        return endedItems;
    }

    boolean hasEnded(int index) {
        return succeeded.get(index) || failed.get(index) || skipped.get(index);
    }

    /** Whether an outcome says nothing new: its item has succeeded or failed, or another attempt has followed. */
    boolean know(int index, Entry outcome) {
        ItemRetry retry = retries.get(index);
        return succeeded.get(index)
                || failed.get(index)
                || (retry != null
                        && outcome instanceof Entry.BackingOff backingOff
                        && ItemAttempts.of(backingOff.history()).total()
                                <= retry.attempts().total());
    }

    int endedCount() {
        return succeeded.cardinality() + failed.cardinality() + skipped.cardinality();
    }

    BitSet ended() {
        BitSet ended = (BitSet) succeeded.clone();
        ended.or(failed);
        ended.or(skipped);
        return ended;
    }

    BitSet open() {
        BitSet open = ended();
        open.flip(0, total);
        return open;
    }

    int backingOffCount() {
        return (int) retries.values().stream().filter(ItemRetry::isBackingOff).count();
    }

    void succeed(int index) {
        reopen(index);
        succeeded.set(index);
    }

    void fail(int index, EndedItem end) {
        reopen(index);
        failed.set(index);
        endedItems.put(index, end);
    }

    void backOff(int index, ItemRetry retry) {
        reopen(index);
        retries.put(index, retry);
    }

    void skip(int index) {
        ItemRetry retry = retries.get(index);
        reopen(index);
        skipped.set(index);
        if (retry != null) {
            endedItems.put(
                    index,
                    new EndedItem(retry.attempts().total(), retry.attempts().lastCode(), null));
        }
    }

    private void reopen(int index) {
        skipped.clear(index);
        failed.clear(index);
        retries.remove(index);
        endedItems.remove(index);
    }

    /** Items that wait for a retry are due at this time at the latest. */
    void makeDue(long now) {
        retries.replaceAll((_, retry) -> retry.nextAt() > now ? new ItemRetry(retry.attempts(), now) : retry);
    }

    /** What has failed or was skipped is open again; its attempts are earlier ones. */
    BitSet restart(long now) {
        BitSet again = (BitSet) failed.clone();
        again.or(skipped);
        again.stream().forEach(index -> {
            EndedItem end = endedItems.getOrDefault(index, EndedItem.UNSENT);
            reopen(index);
            if (end.attempts() > 0) {
                retries.put(index, new ItemRetry(ItemAttempts.none(end.attempts()), now));
            }
        });
        return again;
    }

    /** The failed items by reason and last answer, such as {@code NonRetryable/422}. */
    Map<String, Integer> failedByReason() {
        var counts = new TreeMap<String, Integer>();
        failed.stream().forEach(index -> {
            EndedItem end = endedItems.getOrDefault(index, EndedItem.UNSENT);
            Ending.Reason reason = end.reason();
            String name = reason == null ? FailedByReason.OTHER : reason.name();
            counts.merge(reason == null || end.lastCode() == 0 ? name : name + "/" + end.lastCode(), 1, Integer::sum);
        });
        return FailedByReason.shortened(counts);
    }
}

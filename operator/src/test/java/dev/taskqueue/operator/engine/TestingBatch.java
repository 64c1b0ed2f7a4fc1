package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A TaskBatch of a story. Times are counted from its beginning. Every method makes another one. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TestingBatch(
        String name,
        String queue,
        int total,
        Instant createdAt,
        long @Nullable [] dueAt,
        @Nullable Instant expireAt,
        Map<Integer, BatchOffer.Claimed> claims) {

    /** Created and due when the story begins. */
    static TestingBatch batch(String name, String queue, int total) {
        return new TestingBatch(name, queue, total, StoryClocks.START, null, null, Map.of());
    }

    TestingBatch created(Instant at) {
        return new TestingBatch(name, queue, total, at, dueAt, expireAt, claims);
    }

    /** Each item has its own time. */
    TestingBatch due(String... offsets) {
        long[] times = new long[total];
        for (int i = 0; i < total; i++) {
            times[i] = StoryClocks.instant(offsets[i % offsets.length]).toEpochMilli();
        }
        return new TestingBatch(name, queue, total, createdAt, times, expireAt, claims);
    }

    TestingBatch expires(String offset) {
        return new TestingBatch(name, queue, total, createdAt, dueAt, StoryClocks.instant(offset), claims);
    }

    /** An earlier process sent this item when the story began, and may write its outcome until then. */
    TestingBatch claimed(int index, String until) {
        var claim = new Offer.Claim(StoryClocks.START, StoryClocks.START, StoryClocks.instant(until));
        return new TestingBatch(
                name,
                queue,
                total,
                createdAt,
                dueAt,
                expireAt,
                Map.of(index, new BatchOffer.Claimed(ItemAttempts.NONE, claim)));
    }

    BatchOffer offer() {
        var open = new BitSet();
        open.set(0, total);
        claims.keySet().forEach(open::clear);
        BatchItems items =
                dueAt == null ? BatchItems.dueAt(open, createdAt.toEpochMilli()) : BatchItems.dueAt(open, dueAt);
        return new BatchOffer(
                new BatchId(TestingQueue.NAMESPACE, name, "uid-" + name),
                1,
                new QueueId(TestingQueue.NAMESPACE, queue),
                createdAt,
                createdAt,
                expireAt,
                false,
                items,
                claims);
    }
}

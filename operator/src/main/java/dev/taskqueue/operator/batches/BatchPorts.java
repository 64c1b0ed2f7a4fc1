package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.ItemJournal;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.prepare.ItemContents;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteRetries;
import dev.taskqueue.operator.write.WriteSlots;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the engine needs of TaskBatches: the contents of items, and the journal of their outcomes. It is built before the engine; {@link BatchWork} is built
 * after it and shares the parts that are package-private here.
 */
public final class BatchPorts {
    final ApiClient api;
    final WriteRetries retries;
    final WriteSlots slots;
    final BatchRequests requests;
    final QueueProfiles queues;
    final Clocks clocks;
    final Duration maxScheduleAhead;
    final BatchCache batches = new BatchCache();
    final FinishedObjects<BatchRecord> finished;
    final ItemListCache lists;
    final CommitQueue commits;
    final BatchContents contents;
    final BatchJournal journal;
    /** Null until the engine is built. */
    private volatile @Nullable BatchDeliveries engine;

    /**
     * Settings for batches.
     *
     * @param memory how many bytes the items of batches may take
     */
    public record Settings(Duration maxScheduleAhead, long memory) {}

    /** @param context of the Tasks: both share the slots of deletes, the log lines and the metric of writes */
    public BatchPorts(
            TaskWriteContext context, QueueProfiles queues, Clocks clocks, Sleeper sleeper, Settings settings) {
        this.api = context.api();
        this.retries = context.retries();
        this.slots = context.slots();
        this.requests = new BatchRequests(api);
        this.queues = queues;
        this.clocks = clocks;
        this.finished = new FinishedObjects<>(clocks);
        this.maxScheduleAhead = settings.maxScheduleAhead();
        this.lists = new ItemListCache(settings.memory());
        this.commits = new CommitQueue(sleeper);
        this.contents = new BatchContents(batches, requests, lists, maxScheduleAhead);
        this.journal = new BatchJournal(
                batches,
                lists,
                queues,
                commits,
                () -> Objects.requireNonNull(engine, "the engine is built before anything is sent"),
                clocks.monotonic());
    }

    /** Called once, as soon as the engine is built. */
    void bind(BatchDeliveries built) {
        engine = built;
    }

    public ItemContents contents() {
        return contents;
    }

    public ItemJournal journal() {
        return journal;
    }
}

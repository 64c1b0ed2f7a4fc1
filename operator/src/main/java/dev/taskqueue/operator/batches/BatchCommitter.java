package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.engine.BatchDeliveries;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.limits.SharedPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status of batches: one thread decides which batch is next, and each write runs on a thread of its own. After a write come the steps that
 * follow from it: dead letters, the Task of {@code onFinished}, the end.
 */
final class BatchCommitter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchCommitter.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 9;

    private final CommitQueue queue;
    private final BatchDeliveries engine;
    private final BatchWriter writer;
    private final BatchEnding ending;
    private final BatchLifecycle lifecycle;
    private final CommitBuilder builder;
    private final Settings settings;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * What the committer needs of the process.
     *
     * @param slots bounds the writes in flight. Namespaces and queues share it, so that one whose writes hang does not stop the others
     * @param threads run the writes
     * @param committed told how many outcomes each write had
     * @param occurrences told of batches that have failed
     */
    record Settings(
            Clocks clocks, SharedPool slots, Executor threads, IntConsumer committed, Occurrences occurrences) {}

    BatchCommitter(
            CommitQueue queue,
            BatchDeliveries engine,
            BatchWriter writer,
            BatchEnding ending,
            BatchLifecycle lifecycle,
            CommitBuilder builder,
            Settings settings) {
        this.queue = queue;
        this.engine = engine;
        this.writer = writer;
        this.ending = ending;
        this.lifecycle = lifecycle;
        this.settings = settings;
        this.builder = builder;
    }

    /** Starts to write. Returns at once. */
    void start(ThreadFactory threads) {
        Thread own = threads.newThread(this::work);
        own.setName("batches");
        thread = own;
        own.start();
    }

    @Override
    public void close() {
        closed = true;
        Thread own = thread;
        if (own != null) {
            own.interrupt();
        }
    }

    private void work() {
        try {
            while (!closed) {
                queue.await(startSafely());
            }
        } catch (InterruptedException end) {
            LOG.debug("No more batches are written");
        }
    }

    /** One batch that fails must not end the writes of all others. */
    private @Nullable Duration startSafely() {
        try {
            return startDue();
        } catch (RuntimeException failure) {
            LOG.error("The writes of TaskBatches could not be started; they are tried again", failure);
            return LONGEST_PAUSE;
        }
    }

    /** Starts the writes that are due. Returns how long until the next one; null if nothing is to be written. */
    private @Nullable Duration startDue() {
        long now = nanos();
        long next = CommitRules.NEVER;
        List<Due> due = new ArrayList<>();
        for (BatchRecord record : queue.all()) {
            long at = dueAt(record, now);
            if (at == CommitRules.NEVER) {
                forget(record, now);
            } else if (at - now <= 0) {
                due.add(new Due(record, unwritten(record)));
            } else {
                next = Math.min(next, at);
            }
        }
        due.sort(Comparator.comparingInt(Due::unwritten).reversed());
        for (Due first : due) {
            // Where there is no slot, the end of a write wakes this thread.
            if (settings.slots().tryAcquire(first.record().queue, 1)) {
                start(first.record());
            }
        }
        return next == CommitRules.NEVER ? null : Duration.ofNanos(Math.max(1, next - now));
    }

    /**
     * A batch that is to be written now.
     *
     * @param unwritten how many outcomes it has; more may come at any time
     */
    private record Due(BatchRecord record, int unwritten) {}

    private static int unwritten(BatchRecord record) {
        synchronized (record) {
            return record.unwritten.size();
        }
    }

    private void start(BatchRecord record) {
        synchronized (record) {
            record.isBusy = true;
        }
        settings.threads().execute(() -> write(record));
    }

    /** A change that comes meanwhile puts it in line again. */
    private void forget(BatchRecord record, long now) {
        queue.remove(record);
        if (dueAt(record, now) != CommitRules.NEVER) {
            queue.changed(record);
        }
    }

    private long dueAt(BatchRecord record, long now) {
        synchronized (record) {
            return CommitRules.dueAt(record, now, settings.clocks().instant());
        }
    }

    private void write(BatchRecord record) {
        try {
            step(record);
        } catch (RuntimeException failure) {
            LOG.error("TaskBatch {} could not be written; it is tried again", record, failure);
            refused(record, Duration.ZERO);
        } finally {
            synchronized (record) {
                record.isBusy = false;
            }
            settings.slots().release(record.queue, 1);
            queue.changed(record);
            queue.wake();
        }
    }

    private void step(BatchRecord record) {
        switch (next(record)) {
            case COMMIT -> commit(record);
            case DEAD_LETTERS -> handle(record, ending.createDeadLetters(record, nanos()));
            case REPORT -> handle(record, ending.report(record));
            case NOTHING -> {}
        }
    }

    private enum Step {
        COMMIT,
        DEAD_LETTERS,
        REPORT,
        NOTHING
    }

    private Step next(BatchRecord record) {
        synchronized (record) {
            if (record.phase != BatchRecord.Phase.OPEN) {
                return Step.NOTHING;
            }
            if (!record.deadLettersDue.isEmpty() && record.nextDeadLetterAt - nanos() <= 0) {
                return Step.DEAD_LETTERS;
            }
            boolean isAllWritten = record.unwritten.isEmpty() && !record.hasNews;
            return record.progress.isDone()
                            && isAllWritten
                            && record.progress.openDeadLetters().isEmpty()
                            && BatchEnding.wantsReport(record)
                    ? Step.REPORT
                    : Step.COMMIT;
        }
    }

    /** Writes claims for everything that is in flight, unless a thread writes for the batch already. Returns whether status says it. */
    boolean claim(BatchRecord record) {
        synchronized (record) {
            if (record.isBusy) {
                return false;
            }
            record.isBusy = true;
            record.claimsAll = true;
        }
        try {
            return commit(record);
        } finally {
            synchronized (record) {
                record.isBusy = false;
            }
            queue.changed(record);
        }
    }

    /** Writes status. Returns whether it is in. */
    private boolean commit(BatchRecord record) {
        BatchWriter.Commit commit;
        BitSet claimed;
        BatchFeed feed;
        synchronized (record) {
            if (record.phase != BatchRecord.Phase.OPEN || record.feed == null) {
                return false;
            }
            feed = record.feed;
            commit = builder.build(record, feed);
            claimed = (BitSet) record.claimed.clone();
        }
        BatchWriter.Result result = writer.commit(record, commit, claimed);
        if (result instanceof BatchWriter.Result.Written(long version)) {
            written(record, feed, commit, version);
            return true;
        }
        boolean hasOutcome;
        synchronized (record) {
            record.hasNews = true;
            hasOutcome = !record.unwritten.isEmpty() || record.progress.isDone();
        }
        if (result instanceof BatchWriter.Result.Refused && hasOutcome) {
            engine.refused(feed);
        }
        handle(record, result);
        return false;
    }

    private void written(BatchRecord record, BatchFeed feed, BatchWriter.Commit commit, long version) {
        boolean isOver;
        synchronized (record) {
            record.progress.committed(commit.revision() + 1);
            record.version = Math.max(record.version, version);
            record.unwritten.keySet().removeAll(commit.outcomes());
            record.claimed.clear();
            record.claimed.or(commit.claimed());
            record.deadLettersDue.clear();
            record.deadLettersDue.or(commit.deadLetters());
            record.refusals = 0;
            record.writtenAt = nanos();
            record.firstUnwrittenAt = record.writtenAt;
            record.isRedriveUnwritten = false;
            isOver = record.progress.completedAt() != null && record.unwritten.isEmpty();
        }
        settings.committed().accept(commit.outcomes().size());
        engine.committed(feed, commit.outcomes());
        if (isOver) {
            ending.annotate(record);
            lifecycle.finished(record);
            BatchEvents.ended(record, settings.occurrences());
        }
    }

    private void handle(BatchRecord record, BatchWriter.Result result) {
        switch (result) {
            case BatchWriter.Result.Written _ -> {
                synchronized (record) {
                    record.hasNews = true;
                    record.refusals = 0;
                }
            }
            // The watch may still show versions from before. A batch that is forgotten would begin again with them.
            case BatchWriter.Result.Gone _ -> lifecycle.gone(record);
            case BatchWriter.Result.Overtaken(var object) -> lifecycle.overtaken(record, object);
            case BatchWriter.Result.RetryLater(var _, Duration atLeast) -> refused(record, atLeast);
            case BatchWriter.Result.Refused _, BatchWriter.Result.Fenced _ -> refused(record, Duration.ZERO);
        }
    }

    private void refused(BatchRecord record, Duration atLeast) {
        synchronized (record) {
            long pause = Math.min(
                    LONGEST_PAUSE.toNanos(), FIRST_PAUSE.toNanos() << Math.min(record.refusals, MOST_DOUBLINGS));
            record.refusals++;
            record.pausedUntil = nanos() + Math.max(pause, atLeast.toNanos());
        }
    }

    private long nanos() {
        return settings.clocks().nanos();
    }
}

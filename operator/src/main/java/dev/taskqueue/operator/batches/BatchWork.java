package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.BatchFeed;
import dev.taskqueue.operator.engine.BatchSnapshot;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.kube.ObjectReflector;
import dev.taskqueue.operator.task.RedriveRequest;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.IntConsumer;

/** TaskBatches at work, as the rest of the operator sees them. It is built after the engine, from {@link BatchPorts}. */
public final class BatchWork implements AutoCloseable {
    private final BatchPorts ports;
    private final Engine engine;
    private final Fence fence;
    private final BatchLifecycle lifecycle;
    private final CommitBuilder builder;
    private final BatchCommitter committer;
    private final BatchRetention retention;
    private final ObjectReflector.Sink intake;

    /**
     * What batches need of the process.
     *
     * @param holder names this process in claims
     * @param threads run writes
     * @param committed told how many outcomes each write of a status had
     * @param listener hears of items that were created, and of their dead letters
     * @param occurrences told of batches that have failed
     */
    public record Surroundings(
            Fence fence,
            NamespaceTerms terms,
            String holder,
            Executor threads,
            IntConsumer committed,
            Listener listener,
            Occurrences occurrences) {}

    public BatchWork(BatchPorts ports, Engine engine, Surroundings process) {
        ports.bind(engine.batches());
        this.ports = ports;
        this.engine = engine;
        this.fence = process.fence();
        var writer = new BatchWriter(ports.api, ports.requests, fence, ports.retries);
        var offers =
                new BatchOffers(ports.clocks.wall(), process.terms(), ports.api::aheadOfServer, ports.maxScheduleAhead);
        this.lifecycle = new BatchLifecycle(
                ports.batches,
                ports.lists,
                engine.batches(),
                ports.journal,
                ports.commits,
                offers,
                ports.finished,
                ports.clocks,
                process.holder());
        this.builder = new CommitBuilder(engine.batches(), ports.queues, ports.clocks, process.holder());
        this.committer = new BatchCommitter(
                ports.commits,
                engine.batches(),
                writer,
                new BatchEnding(ports.api, writer, ports.contents, ports.queues, ports.clocks, process.listener()),
                lifecycle,
                builder,
                new BatchCommitter.Settings(
                        ports.clocks,
                        ports.slots.batches(),
                        process.threads(),
                        process.committed(),
                        process.occurrences()));
        this.retention = new BatchRetention(ports, engine, fence, writer, lifecycle::gone, process.threads());
        this.intake = new BatchIntake(ports.batches, lifecycle, process.terms(), process.listener());
    }

    /** Receives what the watch reports. */
    public ObjectReflector.Sink intake() {
        return intake;
    }

    /** Starts to write. Returns at once. */
    public void start(ThreadFactory threads) {
        committer.start(threads);
    }

    /** This process is about to lead in the namespace, and has seen everything that was written before. */
    public void lead(String namespace) {
        lifecycle.lead(namespace);
    }

    /** Called about every second: says in status what batches wait for, and starts deletes. */
    public void tick() {
        if (!fence.isOpen()) {
            return;
        }
        ports.batches.all().forEach(this::look);
        retention.tick();
    }

    private void look(BatchRecord record) {
        synchronized (record) {
            BatchFeed feed = record.feed;
            if (feed == null || record.isStale) {
                return;
            }
            BatchSnapshot now = engine.batches().snapshot(feed);
            record.isScheduled = now.isScheduled();
            if (builder.waiting(record, now).equals(record.written) && !builder.isPauseNews(record, now)) {
                return;
            }
            record.isStale = true;
        }
        ports.commits.changed(record);
    }

    /** Whether the object still exists. */
    public boolean exists(BatchId batch) {
        return ports.batches.get(batch) != null;
    }

    /** How many outcomes of items are not written yet. */
    public int unwritten() {
        int unwritten = 0;
        for (BatchRecord record : ports.batches.all()) {
            synchronized (record) {
                unwritten += record.unwritten.size();
            }
        }
        return unwritten;
    }

    /** The API server answers, or the fence has opened: writes that pause after a failure are tried at once. */
    public void wake() {
        for (BatchRecord record : ports.batches.all()) {
            boolean paused;
            synchronized (record) {
                paused = record.refusals > 0;
                record.refusals = 0;
            }
            if (paused) {
                ports.commits.changed(record);
            }
        }
        ports.commits.wake();
    }

    /** This process stops: outcomes are written at once, and no other delete begins. */
    public void hurry() {
        retention.close();
        for (BatchRecord record : ports.batches.all()) {
            boolean isNews;
            synchronized (record) {
                isNews = !record.unwritten.isEmpty();
                record.hasNews |= isNews;
            }
            if (isNews) {
                ports.commits.changed(record);
            }
        }
        ports.commits.wake();
    }

    /** Writes claims for what these batches have in flight. Returns whether status says it for each. */
    public boolean claim(Set<BatchId> inFlight) {
        boolean all = true;
        for (BatchId batch : inFlight) {
            BatchRecord record = ports.batches.get(batch);
            all &= record == null || committer.claim(record);
        }
        return all;
    }

    /** Redrives the batches of a queue that had failed by this time, each once for this value. Returns how many are left. */
    public int redrive(QueueId queue, String value, Instant failedBy) {
        RedriveRequest request = RedriveRequest.byQueue(value);
        int left = 0;
        for (BatchRecord record : ports.batches.all()) {
            if (record.queue.equals(queue) && hadFailed(record, failedBy) && lifecycle.redrive(record, request)) {
                left++;
            }
        }
        return left;
    }

    private static boolean hadFailed(BatchRecord record, Instant by) {
        synchronized (record) {
            Instant endedAt = record.progress.completedAt();
            return record.isRedriveUnwritten || (endedAt != null && !endedAt.isAfter(by));
        }
    }

    /** How many Failed batches of a queue still exist. */
    public int failedRetained(QueueId queue) {
        return ports.finished.failedRetained(queue);
    }

    /** How many Succeeded batches of a queue still exist. */
    public int succeededRetained(QueueId queue) {
        return ports.finished.succeededRetained(queue);
    }

    /** How many batches are in each state, for metrics. */
    public Map<String, Integer> byState() {
        var states = new TreeMap<String, Integer>();
        for (BatchState state : BatchState.values()) {
            states.put(state.name(), 0);
        }
        for (BatchRecord record : ports.batches.all()) {
            synchronized (record) {
                states.merge(record.progress.state(record.isScheduled).name(), 1, Integer::sum);
            }
        }
        return states;
    }

    @Override
    public void close() {
        committer.close();
    }
}

package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.TaskState;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Offer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the watch tells, taken in: a new Task is offered to the engine, one that is over to the collector, one that is gone is cancelled. Of a
 * Task that is known already the engine of the leader knows more than its object tells, so only what others change is taken from it. What was
 * written before this process led, its leader wrote: then the object knows more, and is taken in as if it were new. Its monitor guards it.
 */
final class Intake implements TaskReflector.Sink {
    private static final Duration RIDES_ALONG = Duration.ofSeconds(1);
    /** What whoever claimed an attempt may need after its deadline to write that there was no answer. */
    private static final Duration CLAIM_SLACK = Duration.ofSeconds(2);

    private static final long NOT_YET = Long.MAX_VALUE;

    private final Cluster cluster;
    private final Engine engine;
    private final Collector collector;
    private final Payloads payloads;
    private final Redriver redriver;
    private final Settings settings;
    /** What was written up to this resourceVersion was written before this process led. */
    private long leadsSince;
    /** When no earlier process lives that might write the outcome of an attempt it had in flight. */
    private Instant claimsEndAt;

    /**
     * What the operator's settings say of new Tasks.
     *
     * @param grace how long an earlier process may still write outcomes of what it has claimed
     * @param alone whether this process leads from the start
     */
    record Settings(SpecRules rules, Duration grace, boolean alone) {}

    Intake(
            Cluster cluster,
            Engine engine,
            Collector collector,
            Payloads payloads,
            Redriver redriver,
            Settings settings) {
        this.cluster = cluster;
        this.engine = engine;
        this.collector = collector;
        this.payloads = payloads;
        this.redriver = redriver;
        this.settings = settings;
        this.leadsSince = settings.alone() ? 0 : NOT_YET;
        this.claimsEndAt = settings.alone() ? cluster.wall().instant().plus(settings.grace()) : Instant.MAX;
    }

    @Override
    public synchronized void seen(JsonNode json, int listing) {
        TaskRecord known = cluster.tasks().get(TaskReader.id(json));
        if (known == null) {
            takeIn(json, listing);
            return;
        }
        known.listing = listing;
        long version = TaskReader.resourceVersion(json);
        if (version > known.resourceVersion()) {
            if (version > leadsSince) {
                changed(known, TaskReader.read(json));
            } else {
                takeInAnew(json, listing);
            }
        }
    }

    /** This process is about to lead. What others have claimed and not concluded comes next, by {@link #adopt}. */
    synchronized void expectClaims() {
        claimsEndAt = cluster.wall().instant().plus(settings.grace());
    }

    /** A Task that the former leader has claimed: it counts as in flight, for as long as that one may write its outcome. */
    synchronized void adopt(JsonNode json) {
        TaskRecord known = cluster.tasks().get(TaskReader.id(json));
        if (known == null || TaskReader.resourceVersion(json) >= known.resourceVersion()) {
            takeInAnew(json, known == null ? 0 : known.listing);
        }
    }

    /** From this resourceVersion on, what happens to a Task that is known happens by this process. */
    synchronized void lead(long version) {
        leadsSince = version;
    }

    /** Whether the object as it was read is as it is known; if not, it is taken in anew. */
    synchronized boolean isKnown(JsonNode json) {
        TaskRecord known = cluster.tasks().get(TaskReader.id(json));
        if (known != null && TaskReader.resourceVersion(json) > known.resourceVersion()) {
            takeInAnew(json, known.listing);
            return false;
        }
        return known != null;
    }

    private void takeInAnew(JsonNode json, int listing) {
        forget(TaskReader.id(json));
        takeIn(json, listing);
    }

    private void takeIn(JsonNode json, int listing) {
        TaskObject task = TaskReader.read(json);
        var record = new TaskRecord(task, ttl(task.spec()), told(task));
        record.listing = listing;
        cluster.tasks().put(record);
        if (isFinished(task)) {
            collector.finished(record, task.status().state() == TaskState.Succeeded, endedAt(task, cluster.wall()));
        } else if (!task.deleting()) {
            enter(record, task);
        }
        heed(record, task);
    }

    private void changed(TaskRecord record, TaskObject task) {
        if (record.isFinished() && !isFinished(task)) {
            // First, so that nobody deletes the new version as a finished one.
            record.reopen();
            record.seen(task);
            collector.removed(record);
            enter(record, task);
        } else {
            record.seen(task);
            takeOver(record, task);
        }
        heed(record, task);
    }

    /** What people ask for by annotation; each value once. */
    private void heed(TaskRecord record, TaskObject task) {
        TaskObject.Asks asks = task.asks();
        Delivery delivery = record.delivery();
        if (record.heedRunNow(asks.runNow()) && !record.isFinished() && delivery != null) {
            engine.runNow(delivery);
        }
        String redrive = asks.redrive();
        if (redrive != null && record.isNewRedrive(redrive)) {
            if (task.status().state() == TaskState.Failed) {
                redriver.ask(task.id(), redrive);
            } else {
                record.ignoreRedrive(redrive);
            }
        }
    }

    /** Of a Task that has not ended the engine knows more than its object; of an end or a claim that others wrote, less. */
    private void takeOver(TaskRecord record, TaskObject task) {
        if (record.isFinished()) {
            return;
        }
        if (isFinished(task)) {
            cancel(record);
            collector.finished(record, task.status().state() == TaskState.Succeeded, endedAt(task, cluster.wall()));
        } else if (task.deleting()) {
            cancel(record);
        } else if (task.status().claim() == null && isClaimed(record)) {
            // Who had it in flight has written its outcome after all.
            cancel(record);
            offer(record, task, task.spec());
        }
    }

    private boolean isClaimed(TaskRecord record) {
        Delivery delivery = record.delivery();
        return delivery != null && engine.isClaimed(delivery);
    }

    private void cancel(TaskRecord record) {
        Delivery delivery = record.delivery();
        if (delivery != null) {
            engine.cancel(delivery);
        }
    }

    @Override
    public synchronized void deleted(JsonNode json) {
        forget(TaskReader.id(json));
    }

    @Override
    public synchronized void listed(String namespace, int listing) {
        var missed = new ArrayList<TaskId>();
        cluster.tasks().forEach(record -> {
            if (record.listing != listing && (namespace.isEmpty() || namespace.equals(record.id.namespace()))) {
                missed.add(record.id);
            }
        });
        missed.forEach(this::forget);
    }

    private void forget(TaskId task) {
        TaskRecord record = cluster.tasks().remove(task);
        payloads.take(task);
        redriver.forget(task);
        if (record != null) {
            cancel(record);
            collector.removed(record);
        }
    }

    private void enter(TaskRecord record, TaskObject task) {
        TaskSpec spec = task.spec();
        Optional<String> problem = spec == null ? Optional.ofNullable(task.problem()) : SpecRules.problem(spec);
        if (spec == null || problem.isPresent()) {
            var ending = new Ending(Ending.Reason.InvalidSpec, problem.orElse("spec is missing"));
            end(record, task, ending, cluster.wall().instant());
            return;
        }
        Completion completion = task.completion();
        if (completion != null && !isOlderThanRound(completion, task)) {
            end(record, task, completion.ending(), completion.at());
            return;
        }
        boolean soon =
                !offer(record, task, spec).isAfter(cluster.wall().instant().plus(RIDES_ALONG));
        if (soon && leadsSince != NOT_YET) {
            payloads.put(task);
        }
    }

    private void end(TaskRecord record, TaskObject task, Ending ending, Instant at) {
        offer(record, task, new Offer.End(ending, at), at, null, null);
    }

    /** Whether the Task was started again since it ended so. */
    private static boolean isOlderThanRound(Completion completion, TaskObject task) {
        Instant restarted = openSince(task);
        return task.status().round() != null && !completion.at().isAfter(restarted);
    }

    /** The creation, or the last redrive. */
    private static Instant openSince(TaskObject task) {
        Round round = task.status().round();
        return round == null || round.startTime() == null ? task.createdAt() : Times.parse(round.startTime());
    }

    /** Returns when it is due. */
    private Instant offer(TaskRecord record, TaskObject task, @Nullable TaskSpec spec) {
        Instant dueAt = DueTime.of(task, spec, cluster.wall().instant());
        Obstacle obstacle =
                spec == null ? null : settings.rules().limit(task, spec, dueAt).orElse(null);
        Instant expireAt = spec == null || spec.expireTime() == null ? null : Times.parse(spec.expireTime());
        offer(record, task, null, dueAt, expireAt, obstacle);
        return dueAt;
    }

    private void offer(
            TaskRecord record,
            TaskObject task,
            Offer.@Nullable End end,
            Instant dueAt,
            @Nullable Instant expireAt,
            @Nullable Obstacle obstacle) {
        Progress progress = History.of(task.status());
        record.delivers(engine.offer(new Offer(
                new DeliveryId(task.id(), progress.round()),
                task.queue(),
                task.createdAt(),
                openSince(task),
                dueAt,
                expireAt,
                progress,
                obstacle,
                end == null ? claim(task.status().claim()) : null,
                end)));
    }

    private Offer.@Nullable Claim claim(@Nullable Claim claim) {
        if (claim == null || claim.dispatchTime() == null || claim.scheduleTime() == null || claim.deadline() == null) {
            return null;
        }
        Instant deadline = Times.parse(claim.deadline()).plus(CLAIM_SLACK);
        return new Offer.Claim(
                Times.parse(claim.scheduleTime()),
                Times.parse(claim.dispatchTime()),
                deadline.isBefore(claimsEndAt) ? deadline : claimsEndAt);
    }

    static boolean isFinished(TaskObject task) {
        TaskState state = task.status().state();
        return state == TaskState.Succeeded || state == TaskState.Failed;
    }

    static TaskRecord.Told told(TaskObject task) {
        return History.told(task.status());
    }

    static Instant endedAt(TaskObject task, InstantSource wall) {
        String completed = task.status().completionTime();
        return completed == null ? wall.instant() : Times.parse(completed);
    }

    private static @Nullable Duration ttl(@Nullable TaskSpec spec) {
        if (spec == null || spec.ttlAfterFinished() == null) {
            return null;
        }
        try {
            return Durations.parse(spec.ttlAfterFinished());
        } catch (IllegalArgumentException wrong) {
            return null;
        }
    }
}

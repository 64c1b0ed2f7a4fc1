package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static dev.taskqueue.operator.oracle.Values.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Takes the facts about TaskBatches and the requests of their items into the model, and lets the rules judge each of them. */
final class BatchFacts {
    static final String BATCH_UID = "taskqueue.dev/batch-uid";
    private static final String CANCEL = "taskqueue.dev/cancel";

    private final World world;
    private final LimitRules limits;
    private final BatchItemRules itemRules;
    private final BatchStatusRules statusRules;
    private final ItemContentRules contentRules;
    private final BatchAttemptRules attemptRules;
    private final BatchOperationRules operationRules;
    private final Map<Long, Open> open = new HashMap<>();

    private record Open(BatchModel batch, BatchModel.Item item, Request request) {}

    BatchFacts(World world, LimitRules limits) {
        this.world = world;
        this.limits = limits;
        this.itemRules = new BatchItemRules(world);
        this.statusRules = new BatchStatusRules(world);
        this.contentRules = new ItemContentRules(world);
        this.attemptRules = new BatchAttemptRules(world);
        this.operationRules = new BatchOperationRules(world);
        long grace = world.settings.grace().toNanos();
        world.rules.add(new Rules() {
            @Override
            public void lost(ProcessModel process) {
                world.batches.values().forEach(batch -> attemptRules.lost(batch, process, grace));
            }
        });
    }

    /** Whether a request is that of an item. */
    static boolean isOfItem(Fact.Received fact) {
        return fact.headers().containsKey("taskqueue-batch");
    }

    void stored(Fact.Stored fact) {
        ProcessModel by = world.processes.writer(fact.by());
        JsonNode object = fact.object();
        BatchModel known = world.batches.get(text(object.path("metadata"), "uid"));
        if (fact.change() == Fact.Change.Deleted) {
            if (known != null) {
                known.tell(world.now, "deleted by " + fact.by());
                statusRules.deleted(known, by);
                operationRules.deleted(known, object, by);
                known.deletedAt = world.now;
                known.deletedBy = by;
                world.queue(known.queue).tasksChangedAt = world.now;
            }
            return;
        }
        if (known == null) {
            known = new BatchModel(object, world.now);
            known.touched = fact.change() != Fact.Change.Created;
            world.batches.put(known.uid, known);
            world.report.count("batches");
            world.report.count("items", known.total());
            known.tell(
                    world.now,
                    "created by " + fact.by() + " in queue " + known.queue + ", " + known.total() + " items");
            statusRules.created(known, object, by);
            BatchModel of = world.batches.get(text(child(object.path("metadata"), "annotations"), BATCH_UID));
            if (of != null && by != null) {
                contentRules.letters(of, known);
            }
        } else {
            known.deletedAt = Values.NEVER;
            changed(known, object, by);
        }
        world.queue(known.queue).tasksChangedAt = world.now;
        annotations(known, child(object.path("metadata"), "annotations"));
    }

    private void changed(BatchModel batch, JsonNode object, @Nullable ProcessModel by) {
        BatchModel.Status after = BatchModel.Status.of(child(object, "status"));
        if (after.json().equals(batch.status.json())) {
            batch.tell(world.now, "changed by " + (by == null ? "people" : by.name));
            return;
        }
        batch.tell(
                world.now,
                after.state() + " stored by " + (by == null ? "people" : by.name) + ": revision " + after.revision()
                        + ", round " + after.round() + ", succeeded " + after.succeeded() + ", failed " + after.failed()
                        + ", skipped " + after.skipped() + ", " + after.json().path("deadLetters") + ", "
                        + after.json().path("retries") + after.json().path("claims"));
        Map<Integer, ItemRecord> records = ItemRecord.of(after.json());
        if (by == null) {
            batch.touched = true;
        } else if (!batch.touched) {
            statusRules.changed(batch, after, by);
            attemptRules.changed(batch, after, records);
            operationRules.changed(batch, after, records, by);
        }
        if (after.round() > batch.status.round()) {
            batch.reports = 0;
            batch.roundAt = world.now;
        }
        remember(batch, after, records, by);
    }

    private void remember(
            BatchModel batch, BatchModel.Status after, Map<Integer, ItemRecord> records, @Nullable ProcessModel by) {
        Map<Integer, String> claims = ItemRecord.claims(after.json());
        for (int index = 0; index < batch.total(); index++) {
            BatchModel.Item item = batch.items.get(index);
            if (records.getOrDefault(index, ItemRecord.NONE).attempts()
                    != batch.record(index).attempts()) {
                item.recordedBy = by;
                item.recordedAt = world.now;
            }
            String claim = claims.get(index);
            if (claim != null && !claim.equals(item.claim)) {
                item.claimedBy = by;
                item.claimedAt = world.now;
            }
            item.claim = claim;
        }
        boolean tooMany = after.failed().cardinality() > BatchOperationRules.maxFailed(batch);
        batch.tooManyBy = batch.tooManySince == Values.NEVER ? by : batch.tooManyBy;
        batch.tooManySince = tooMany ? Math.min(batch.tooManySince, world.now) : Values.NEVER;
        if (after.ended() && !batch.status.ended()) {
            batch.endedAt = world.now;
            batch.endedBy = by;
            batch.completedAt = completedAt(after, by);
        }
        if (batch.madeDueUntil == Values.NEVER
                && !text(after.json(), "lastHandledRunNow").isEmpty()
                && TaskFacts.same(batch.runNow, text(after.json(), "lastHandledRunNow"))) {
            batch.madeDueUntil = world.now;
        }
        if (TaskFacts.same(batch.redrive, textOrNull(after.json(), "lastHandledRedrive"))) {
            batch.redriveValues = 0;
        }
        batch.status = after;
        batch.records = records;
        batch.storedBy = by;
        batch.storedAt = world.now;
    }

    private long completedAt(BatchModel.Status after, @Nullable ProcessModel by) {
        long ahead = by == null ? 0 : by.wall(world.now, null, world.slowest)[1] - world.now;
        return Math.min(world.now, Values.time(after.json(), "completionTime", world.now) - ahead);
    }

    private void annotations(BatchModel batch, @Nullable JsonNode annotations) {
        boolean held = annotations != null && annotations.has(Annotations.HOLD);
        batch.heldSince = held ? Math.min(batch.heldSince, world.now) : Values.NEVER;
        if (annotations != null && annotations.has(CANCEL)) {
            batch.cancelledAt = Math.min(batch.cancelledAt, world.now);
        }
        String runNow = textOrNull(annotations, Annotations.RUN_NOW);
        if (runNow != null && !runNow.equals(batch.runNow)) {
            batch.tell(world.now, "run-now " + runNow);
            String indexes = runNow.split(" ", 2)[0];
            if (indexes.matches("[0-9,-]+")) {
                batch.runNowItems.or(BatchModel.ranges(indexes));
            } else {
                batch.isMadeDue = true;
                batch.madeDueUntil = Values.NEVER;
            }
        }
        batch.runNow = runNow;
        String redrive = textOrNull(annotations, Annotations.REDRIVE);
        if (redrive != null && !redrive.equals(batch.redrive)) {
            batch.redriveValues++;
            batch.tell(world.now, "redrive " + redrive);
        }
        batch.redrive = redrive;
    }

    /** An object could not be created, and never will be. */
    void refused(Fact.Refused fact) {
        statusRules.refused(fact.namespace() + "/" + fact.name());
    }

    /** A Task was stored: it may report the end of a batch. */
    void taskCreated(Fact.Stored fact) {
        String uid = text(child(fact.object().path("metadata"), "annotations"), BATCH_UID);
        BatchModel batch = world.batches.get(uid);
        ProcessModel by = world.processes.writer(fact.by());
        if (batch != null && by != null && fact.change() == Fact.Change.Created) {
            statusRules.reported(batch, fact.object(), by);
        }
    }

    void received(Fact.Received fact) {
        world.report.count("itemDeliveries");
        String idempotency = fact.headers().getOrDefault("idempotency-key", "");
        int dash = idempotency.lastIndexOf('-');
        BatchModel batch = dash < 0 ? null : world.batches.get(idempotency.substring(0, dash));
        int index = dash < 0 ? -1 : TaskFacts.number(idempotency.substring(dash + 1));
        if (batch == null || index >= batch.total()) {
            world.report.violation(world.now, "UnknownItem", "", "a request of no known item: " + idempotency);
            return;
        }
        long deadline = Values.duration(
                batch.spec.path("template"),
                "dispatchDeadline",
                world.queue(batch.queue).latest().dispatchDeadline());
        world.judge(fact, deadline, () -> received(fact, batch, index));
    }

    private void received(Fact.Received fact, BatchModel batch, int index) {
        BatchModel.Item item = batch.items.get(index);
        ProcessModel sender = world.processes.get(fact.by());
        long wire = world.wire(batch.namespace);
        long[] wall = world.processes.wall(sender, fact.senderTime(), wire);
        int number = TaskFacts.number(fact.headers().get("taskqueue-attempt"));
        Request request = new Request(fact, item.task, sender, number, wall, wire);
        // While a redrive is under way, a request may be of the next round.
        request.round = batch.isRedrivePending(world) ? 0 : batch.status.round();
        request.runNow = batch.runNowItems.get(index);
        request.mayBeRunNow = request.runNow;
        request.timesOutAt = timesOutAt(request);
        batch.tell(
                world.now,
                "received item " + index + " attempt " + number + " (request " + request.id + ") from " + fact.by());
        itemRules.received(batch, index, request);
        contentRules.received(batch, index, request);
        attemptRules.received(batch, index, request);
        operationRules.received(batch, request);
        item.task.touched = batch.touched || request.runNow;
        limits.received(item.task, request);
        request.headers = null;
        item.requests.add(request);
        world.queue(batch.queue).lastDispatch = world.now;
        world.itemSeenAt = world.now;
        open.put(request.id, new Open(batch, item, request));
    }

    /** Counted from when it left, by the clock of its sender, which drifts. */
    private long timesOutAt(Request request) {
        if (request.header("taskqueue-deadline").isEmpty()) {
            return Values.NEVER;
        }
        long left = Values.parseTime(request.header("taskqueue-deadline"), Values.NEVER) - request.latestWall;
        long drifted = (long) (Math.max(0, left) * world.settings.drift());
        return world.now + left - drifted - world.clock;
    }

    void answered(Fact.Answered fact) {
        Open answered = open.remove(fact.id());
        if (answered != null) {
            Request request = answered.request();
            request.answeredAt = world.now;
            request.code = fact.code();
            world.itemSeenAt = world.now;
            answered.item().isDelivered |= request.succeeded();
            answered.batch().tell(world.now, "answered request " + request.id + " with " + fact.code());
            limits.itemAnswered(request);
        }
    }

    /** Nothing more will be observed. */
    void end(Predicate<QueueModel> isBusy) {
        for (BatchModel batch : world.batches.values()) {
            statusRules.judged(batch, isBusy.test(world.queue(batch.queue)));
            operationRules.judged(batch);
            if (batch.isViolated()) {
                world.report.keep(batch.key, batch.story());
            }
        }
    }

    static void violation(World world, String rule, BatchModel batch, String text) {
        batch.violated();
        batch.tell(world.now, "VIOLATION " + rule);
        world.report.violation(world.now, rule, batch.key, text);
        world.report.keep(batch.key, batch.story());
    }

    static BitSet without(BitSet all, BitSet some) {
        var rest = (BitSet) all.clone();
        rest.andNot(some);
        return rest;
    }
}

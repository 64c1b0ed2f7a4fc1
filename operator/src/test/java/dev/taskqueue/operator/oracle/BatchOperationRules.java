package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of a TaskBatch, and what ends its items without a request.
 *
 * <ul>
 *   <li>{@code BatchRedriveUnasked}: each value of redrive begins one round at most: "twice the same value: second ignored".
 *   <li>{@code ItemSkippedWithoutReason}: "skipped: what maxFailed, cancel left unsent".
 *   <li>{@code ItemAfterTooMany}: "when MORE than maxFailed have failed for good, nothing further leaves", "again from status after a restart".
 *   <li>{@code ItemExpiredEarly}, {@code BatchNotExpired}: "items not delivered by expireTime fail, reason Expired".
 *   <li>{@code ItemAfterPurge}, {@code BatchPurgeMissed}: "whole batch: out of line at once".
 *   <li>{@code BatchDeletedEarly}, {@code BatchNotCollected}, {@code TrackedBatchCollected}: tracking marks and retention, as for a Task. Exception: a purge
 *       that was sent before its sender could know the end.
 * </ul>
 */
final class BatchOperationRules {
    private final World world;
    private final Obstacles obstacles;

    BatchOperationRules(World world) {
        this.world = world;
        this.obstacles = new Obstacles(world);
    }

    void received(BatchModel batch, Request request) {
        if (batch.touched) {
            return;
        }
        QueueModel queue = world.queue(batch.queue);
        if (batch.tooManySince != Values.NEVER
                && !batch.isRedrivePending(world)
                && DeliveryRules.tooLate(world, request.sender, batch.namespace, batch.tooManySince, batch.tooManyBy)) {
            String text = "status tells " + batch.status.failed() + " as failed since " + world.ago(batch.tooManySince)
                    + ", maxFailed is " + batch.spec.path("maxFailed");
            violation("ItemAfterTooMany", batch, "request " + request.id + ": " + text);
        }
        long purgedAt = Math.max(queue.changedAt, queue.purgeToldAt);
        if (queue.exists && purged(batch, queue) && world.mustKnow(request.sender, batch.namespace, purgedAt)) {
            violation("ItemAfterPurge", batch, "request " + request.id + " of " + request.task.key);
        }
    }

    /** What is redriven after the purge has begun had ended before it, so the purge is not for it. */
    private static boolean purged(BatchModel batch, QueueModel queue) {
        long before = queue.latest().purgeBefore();
        return batch.creationTimestamp < before
                && batch.roundAt < queue.purgeToldAt
                && Values.parseTime(queue.purgeValue, Values.ALWAYS) == before
                && batch.creationTimestamp < queue.purgeCutoff;
    }

    /** A process has stored status; the batch still has the one before. */
    void changed(BatchModel batch, BatchModel.Status after, Map<Integer, ItemRecord> records, ProcessModel by) {
        BatchModel.Status before = batch.status;
        if (after.round() != before.round()) {
            // A value may be replaced while its round is not in status yet.
            int rounds = Math.max(1, batch.redriveValues);
            boolean isAsked = after.round() > before.round() && after.round() <= before.round() + rounds;
            if (!isAsked || !batch.isRedrivePending(world)) {
                violation("BatchRedriveUnasked", batch, "round " + before.round() + " -> " + after.round());
            }
            return;
        }
        BitSet skipped = BatchFacts.without(after.skipped(), before.skipped());
        boolean tooMany = after.failed().cardinality() > maxFailed(batch);
        if (!skipped.isEmpty() && batch.cancelledAt == Values.NEVER && !tooMany && !after.endedUnsent()) {
            violation("ItemSkippedWithoutReason", batch, "items " + skipped);
        }
        BatchFacts.without(after.failed(), before.failed()).stream()
                .filter(index ->
                        records.getOrDefault(index, ItemRecord.NONE).reason().equals("E"))
                .forEach(index -> expired(batch, index, by));
    }

    static int maxFailed(BatchModel batch) {
        return batch.spec.path("maxFailed").asInt(Integer.MAX_VALUE);
    }

    private void expired(BatchModel batch, int index, ProcessModel by) {
        long latest = by.wall(world.now, null, world.write(batch.namespace))[1];
        if (world.clocksSet || latest + world.clock + world.drifted() >= batch.expires()) {
            return;
        }
        long shortest = Values.NEVER;
        for (QueueSpec spec : world.queue(batch.queue).since(world.now - world.write(batch.namespace))) {
            shortest = Math.min(shortest, spec.retention().unfinished());
        }
        if (Math.max(latest, world.now) + 1_000_000_000 < Values.plus(batch.createdAt, shortest)) {
            violation("ItemExpiredEarly", batch, "item " + index + " at " + Values.instant(latest));
        }
    }

    void deleted(BatchModel batch, JsonNode object, @Nullable ProcessModel by) {
        if (by == null || batch.touched || !batch.status.ended() || world.processes.unknown(by)) {
            return;
        }
        if (isLatePurge(batch, by)) {
            world.report.count("excused:purged at its end");
            return;
        }
        boolean own = batch.spec.has("ttlAfterFinished");
        if (Annotations.tracked(object.path("metadata")) && !own) {
            violation("TrackedBatchCollected", batch, "deleted by " + by.name);
            return;
        }
        long ttl = ttl(batch, true);
        long completed = Values.time(batch.status.json(), "completionTime", Values.ALWAYS);
        long age = world.now - batch.completedAt;
        if (by != batch.endedBy) {
            age = Math.max(age, world.now + by.mostAhead() - completed);
        }
        long slack = world.clock + 1_000_000 + Math.max(world.drifted(), (long) (ttl * world.settings.drift()));
        // What its queue keeps is limited by number, too.
        if (own && age + slack < ttl) {
            String text = "deleted by " + by.name + " " + World.seconds(age) + " after its end; it stays "
                    + World.seconds(ttl);
            violation("BatchDeletedEarly", batch, text);
        }
    }

    /** A purge names open batches. What its sender could not know as ended yet, goes all the same. */
    private boolean isLatePurge(BatchModel batch, ProcessModel by) {
        boolean isNamed = world.queue(batch.queue).versions.stream()
                .anyMatch(version -> version.spec.purgeBefore() > batch.creationTimestamp);
        long sent = world.sentAt == Values.NEVER ? world.now : world.sentAt;
        boolean isKnown = by == batch.endedBy
                ? sent - world.write(batch.namespace) > batch.endedAt
                : world.mustKnow(by, batch.namespace, batch.endedAt);
        return isNamed && !isKnown;
    }

    private long ttl(BatchModel batch, boolean shortest) {
        if (batch.spec.has("ttlAfterFinished")) {
            return Values.duration(batch.spec, "ttlAfterFinished", 0);
        }
        long ttl = shortest ? Values.NEVER : 0;
        for (QueueSpec spec : world.queue(batch.queue).since(world.now - world.write(batch.namespace))) {
            long kept = batch.status.state().equals("Succeeded")
                    ? spec.retention().succeeded()
                    : spec.retention().failed();
            ttl = shortest ? Math.min(ttl, kept) : Math.max(ttl, kept);
        }
        return ttl;
    }

    /** Nothing more will be observed. */
    void judged(BatchModel batch) {
        QueueModel queue = world.queue(batch.queue);
        boolean calm = obstacles.judged() && queue.exists && world.now - world.quiet > queue.changedAt;
        if (batch.gone() || batch.touched || !calm) {
            return;
        }
        long quietSince = world.now - world.quiet;
        if (!batch.status.ended()) {
            if (!world.clocksSet && batch.expires() < quietSince && batch.storedAt < quietSince) {
                violation("BatchNotExpired", batch, "expireTime was " + world.ago(batch.expires()));
            }
            if (purged(batch, queue) && queue.purgeCompleted != Values.ALWAYS && batch.createdAt < quietSince) {
                violation("BatchPurgeMissed", batch, "the cutoff was " + Values.instant(queue.purgeCutoff));
            }
        } else if (!world.clocksSet
                && batch.spec.has("ttlAfterFinished")
                && child(batch.status.json(), "completionTime") != null
                && quietSince > Values.plus(batch.endedAt, ttl(batch, false))) {
            String text = text(batch.status.json(), "completionTime");
            violation("BatchNotCollected", batch, "it ended at " + text);
        }
    }

    private void violation(String rule, BatchModel batch, String text) {
        BatchFacts.violation(world, rule, batch, text);
    }
}

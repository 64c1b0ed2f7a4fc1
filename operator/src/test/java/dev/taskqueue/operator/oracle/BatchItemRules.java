package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

/**
 * When an item of a TaskBatch may be sent, and by whom.
 *
 * <ul>
 *   <li>{@code ItemWithoutRight}: as {@code DispatchedWithoutRight} of {@link DeliveryRules}.
 *   <li>{@code ItemEarly}, {@code ItemAfterExpiry}: an item keeps its own time, or the batch's, and the batch's expireTime.
 *   <li>{@code ItemAfterEnd}: "succeeded ones never sent again"; a failed or skipped one only after a redrive.
 *   <li>{@code ItemSentTwice}: an item has at most one attempt in flight in one process.
 *   <li>{@code ItemAfterDeletion}, {@code ItemWhilePaused}, {@code ItemWhileHeld}, {@code ItemAfterCancel}: once the sender must know of it.
 *   <li>{@code ItemHeaderWrong}: the headers that tell an item.
 * </ul>
 */
final class BatchItemRules {
    private final World world;

    BatchItemRules(World world) {
        this.world = world;
    }

    void received(BatchModel batch, int index, Request request) {
        BatchModel.Item item = batch.items.get(index);
        right(batch, request);
        headers(batch, index, request);
        if (batch.touched) {
            return;
        }
        end(batch, index, request);
        twice(batch, item, request);
        early(batch, item, request);
        stopped(batch, request);
    }

    private void right(BatchModel batch, Request request) {
        long decided = world.now - world.wire(batch.namespace);
        String whyNot = request.sender.whyNot(
                decided, world.letGoAt(request), world.settings.lease().toNanos(), world.processes.election());
        if (!whyNot.isEmpty() && !world.processes.unknown(request.sender)) {
            violation("ItemWithoutRight", batch, request, "sent by " + request.sender.name + ", but " + whyNot);
        }
    }

    private void headers(BatchModel batch, int index, Request request) {
        compare(batch, request, "taskqueue-batch", batch.name);
        compare(batch, request, "taskqueue-batch-index", Integer.toString(index));
        compare(batch, request, "taskqueue-batch-size", Integer.toString(batch.total()));
        compare(batch, request, "taskqueue-namespace", batch.namespace);
        limits(batch, request);
        String own = text(batch.items.get(index).line, "key");
        String name = own.isEmpty() ? batch.name + "-" + index : own;
        if (request.headerOrNull("x-cloudtasks-taskname") != null) {
            compare(batch, request, "x-cloudtasks-taskname", name);
            compare(batch, request, "x-cloudtasks-taskretrycount", Integer.toString(request.number - 1));
            counts(batch, index, request);
        }
    }

    private void limits(BatchModel batch, Request request) {
        QueueModel queue = world.queue(batch.queue);
        String said = request.header("taskqueue-max-attempts");
        long since = world.now - world.wire(batch.namespace) - world.notice();
        boolean isKnown = queue.since(since).stream()
                .anyMatch(spec -> Integer.toString(spec.retry().maxAttempts()).equals(said));
        if (!isKnown) {
            String latest = Integer.toString(queue.latest().retry().maxAttempts());
            violation("ItemHeaderWrong", batch, request, "taskqueue-max-attempts is " + said + ", not " + latest);
        }
    }

    /** By the status that is stored: a retry goes on from the acknowledgement of that write. */
    private void counts(BatchModel batch, int index, Request request) {
        ItemRecord record = batch.record(index);
        boolean known = record.attempts() == request.number - 1 && !batch.isRedrivePending(world);
        if (known && !batch.touched && !batch.status.ended(index)) {
            compare(batch, request, "x-cloudtasks-taskexecutioncount", Integer.toString(record.executions()));
            if (request.number > 1) {
                compare(batch, request, "x-cloudtasks-taskpreviousresponse", previous(record));
            }
        }
    }

    private static String previous(ItemRecord record) {
        if (record.timedOut()) {
            return "504";
        }
        return record.code() == 0 ? "" : Integer.toString(record.code());
    }

    private void compare(BatchModel batch, Request request, String header, String expected) {
        if (!request.header(header).equals(expected)) {
            violation(
                    "ItemHeaderWrong", batch, request, header + " is " + request.header(header) + ", not " + expected);
        }
    }

    private void end(BatchModel batch, int index, Request request) {
        boolean known = DeliveryRules.tooLate(world, request.sender, batch.namespace, batch.storedAt, batch.storedBy);
        boolean mayRestart =
                batch.isRedrivePending(world) && !batch.status.succeeded().get(index);
        if (batch.status.ended(index) && known && !mayRestart) {
            String text = "status of revision " + batch.status.revision() + ", stored " + world.ago(batch.storedAt)
                    + " by " + (batch.storedBy == null ? "people" : batch.storedBy.name) + ", says it has ended";
            violation("ItemAfterEnd", batch, request, text);
        }
        if (batch.gone()
                && DeliveryRules.tooLate(world, request.sender, batch.namespace, batch.deletedAt, batch.deletedBy)) {
            violation("ItemAfterDeletion", batch, request, "the batch was deleted " + world.ago(batch.deletedAt));
        }
    }

    private void twice(BatchModel batch, BatchModel.Item item, Request request) {
        long deadline = Values.duration(batch.spec.path("template"), "dispatchDeadline", Values.parseDuration("10m"));
        for (Request before : item.requests) {
            boolean isOpen = before.answeredAt == Values.NEVER && world.now < before.at + deadline - world.wire("");
            // The connection of the first one may have been cut, which its worker has not noticed.
            if (isOpen && before.sender == request.sender && before.number >= request.number && before.number > 0) {
                violation("ItemSentTwice", batch, request, "request " + before.id + " is in flight");
            }
        }
    }

    private void early(BatchModel batch, BatchModel.Item item, Request request) {
        boolean isFirst = item.requests.isEmpty();
        long due = batch.dueAt(item, request.earliestWall - world.now);
        boolean isUnsure = world.clocksSet && (batch.isDelayed(item) || request.sender.hadShown(due, batch.createdAt));
        long drifted = (long) ((world.now - batch.createdAt) * world.settings.drift());
        boolean passed = world.clocksSet && world.now >= due;
        if (isFirst
                && request.latestWall + world.clock + drifted < due
                && !isUnsure
                && !passed
                && !request.runNow
                && !batch.isMadeDue) {
            violation("ItemEarly", batch, request, World.seconds(due - request.latestWall) + " too early");
        }
        long expires = batch.expires();
        long wire = world.wireAfterExpiryCheck(batch.namespace);
        if (expires != Values.NEVER && request.earliestWall - wire - world.clock > expires) {
            violation("ItemAfterExpiry", batch, request, World.seconds(request.earliestWall - expires) + " too late");
        }
    }

    private void stopped(BatchModel batch, Request request) {
        if (batch.cancelledAt != Values.NEVER
                && world.mustKnow(request.sender, batch.namespace, batch.cancelledAt)
                && !batch.isRedrivePending(world)
                && batch.status.round() == 1) {
            violation("ItemAfterCancel", batch, request, "cancelled " + world.ago(batch.cancelledAt));
        }
        if (request.runNow) {
            return;
        }
        if (batch.heldSince != Values.NEVER && world.mustKnow(request.sender, batch.namespace, batch.heldSince)) {
            violation("ItemWhileHeld", batch, request, "held since " + world.ago(batch.heldSince));
        }
        QueueModel queue = world.queue(batch.queue);
        boolean over = queue.holdUntil != Values.NEVER && !queue.latest().paused();
        if (queue.exists && queue.pausedSince < request.decidedAt && !over) {
            violation(
                    "ItemWhilePaused", batch, request, "its queue shows a pause since " + world.ago(queue.pausedSince));
        }
        if (!queue.exists
                && queue.deletedAt != Values.NEVER
                && world.mustKnow(request.sender, batch.namespace, queue.deletedAt)) {
            violation("ItemWithoutQueue", batch, request, "its queue was deleted " + world.ago(queue.deletedAt));
        }
    }

    private void violation(String rule, BatchModel batch, Request request, String text) {
        BatchFacts.violation(world, rule, batch, "request " + request.id + " of " + request.task.key + ": " + text);
    }
}

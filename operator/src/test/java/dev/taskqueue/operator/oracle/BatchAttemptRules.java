package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of an item's attempts, what status says of them, and when a failed one is followed by another.
 *
 * <ul>
 *   <li>{@code ItemNotRecorded}: "an item has at most one attempt that status does not know: its retry leaves only after the commit of the failure before".
 *   <li>{@code RecordedItemSent}: an attempt that status tells is not sent. Exception: a former leader has told it since the sender leads.
 *   <li>{@code ItemAttemptTwice}: an attempt is sent again only by a later leader, if status did not tell it.
 *   <li>{@code ItemClaimIgnored}: "those items count as in flight until deadline or grace, then an attempt Interrupted": its commit comes before the next attempt.
 *   <li>{@code ItemReleasedWithoutClaim}: after SIGTERM, what is in flight has its claim in status before the Lease is given back.
 *   <li>{@code ItemRetriedEarly}: {@code interval(n)} from the end of the failed attempt; another leader keeps the timetable of status.
 *   <li>{@code ItemCountFell}, {@code ItemCountSkipped}: of an open item, status counts each attempt once.
 *   <li>{@code ItemCodeInvented}, {@code ItemSuccessNotTaken}: the last code is one that a worker answered, and no success.
 *   <li>{@code ItemNotGivenUp}, {@code ItemGivenUpEarly}: the limits of the queue's {@code retry}, as for a Task.
 * </ul>
 */
final class BatchAttemptRules {
    private final World world;

    BatchAttemptRules(World world) {
        this.world = world;
    }

    /** To be called before the request is among those of the item. */
    void received(BatchModel batch, int index, Request request) {
        BatchModel.Item item = batch.items.get(index);
        if (batch.touched || batch.status.ended(index) || batch.isRedrivePending(world)) {
            return;
        }
        int recorded = batch.record(index).attempts();
        if (request.number > recorded + 1) {
            notRecorded(batch, index, request);
        } else if (request.number <= recorded) {
            recordedBefore(batch, item, request, recorded);
        }
        repeated(batch, item, request);
        claimed(batch, item, request);
        early(batch, index, request);
    }

    private void notRecorded(BatchModel batch, int index, Request request) {
        int round = batch.status.round();
        world.later(world.late, () -> {
            int recorded = batch.record(index).attempts();
            if (batch.status.round() == round && recorded < request.number - 1 && !batch.status.ended(index)) {
                String text = "attempt " + request.number + " was sent, and status tells " + recorded;
                violation("ItemNotRecorded", batch, request, text);
            }
        });
    }

    private void recordedBefore(BatchModel batch, BatchModel.Item item, Request request, int recorded) {
        boolean late = item.recordedBy != request.sender
                && item.recordedAt >= world.processes.ledSince(request.sender) - world.late;
        boolean onTheWire = item.recordedAt >= world.now - world.wire(batch.namespace);
        if (!late && !onTheWire) {
            String text = "attempt " + request.number + " was sent, and status tells " + recorded + " since "
                    + world.ago(item.recordedAt);
            violation("RecordedItemSent", batch, request, text);
        }
    }

    private void repeated(BatchModel batch, BatchModel.Item item, Request request) {
        for (Request before : item.requests) {
            if (before.number != request.number || before.round != request.round) {
                continue;
            }
            long ledSince = world.processes.ledSince(request.sender);
            boolean later = before.sender != request.sender
                    && ((ledSince != Values.NEVER && ledSince > before.decidedAt) || before.at >= request.decidedAt);
            if (!later && !world.processes.unknown(request.sender)) {
                String text = "attempt " + request.number + " was received from " + before.sender.name + " "
                        + world.ago(before.at) + " already, as request " + before.id;
                violation("ItemAttemptTwice", batch, request, text);
            }
        }
    }

    private void claimed(BatchModel batch, BatchModel.Item item, Request request) {
        long ledSince = request.sender.ledSince;
        ProcessModel holder = item.claimedBy;
        if (item.claim != null && holder != request.sender && ledSince != Values.NEVER && item.claimedAt < ledSince) {
            String text = "claimed by " + (holder == null ? "people" : holder.name) + " " + world.ago(item.claimedAt)
                    + ", and status does not tell its end";
            violation("ItemClaimIgnored", batch, request, text);
        }
    }

    /** The earliest time at which an attempt can have ended, as its sender saw it. A worker sees later that the sender waits no longer. */
    private static long end(Request request, ItemRecord record, long deadline) {
        if (record.code() > 0 && request.code == record.code()) {
            return request.answeredAt;
        }
        return record.timedOut() ? Values.plus(request.decidedAt, deadline) : request.decidedAt;
    }

    private void early(BatchModel batch, int index, Request request) {
        BatchModel.Item item = batch.items.get(index);
        Request before = item.request(request.number - 1, request.round);
        if (before == null || request.runNow || before.mayBeRunNow) {
            return;
        }
        ItemRecord record = batch.record(index);
        long interval = Values.NEVER;
        long deadline = Values.NEVER;
        JsonNode template = batch.spec.path("template");
        for (QueueSpec spec : world.queue(batch.queue).since(before.decidedAt)) {
            interval = Math.min(interval, spec.retry().interval(before.number));
            deadline = Math.min(deadline, Values.duration(template, "dispatchDeadline", spec.dispatchDeadline()));
        }
        long end = end(before, record, deadline);
        long slack = (long) (interval * world.settings.drift()) + 1_000_000;
        long notBefore = Values.plus(end, Math.max(0, interval - slack));
        boolean byTimetable = item.recordedBy != request.sender && request.latestWall + world.clock >= record.nextAt();
        boolean madeDue = end <= batch.madeDueUntil;
        if (world.now + world.clock + world.late < notBefore && !byTimetable && !madeDue) {
            String text = "attempt " + request.number + " left " + World.seconds(notBefore - world.now)
                    + " before the end of its backoff";
            violation("ItemRetriedEarly", batch, request, text);
        }
    }

    /** A process has stored status; the batch still has the one before. */
    void changed(BatchModel batch, BatchModel.Status after, Map<Integer, ItemRecord> records) {
        if (after.round() != batch.status.round()) {
            return;
        }
        for (int index = 0; index < batch.total(); index++) {
            int before = batch.record(index).attempts();
            ItemRecord record = records.getOrDefault(index, ItemRecord.NONE);
            if (batch.status.ended(index)) {
                continue;
            }
            if (after.failed().get(index)) {
                failed(batch, index, record);
            } else if (!after.ended(index)) {
                if (record.attempts() < before) {
                    violation("ItemCountFell", batch, index, before + " -> " + record.attempts());
                } else if (record.attempts() > before + 1) {
                    violation("ItemCountSkipped", batch, index, before + " -> " + record.attempts());
                } else if (record.attempts() > before) {
                    goesOn(batch, index, record);
                }
            }
        }
    }

    private void goesOn(BatchModel batch, int index, ItemRecord record) {
        BatchModel.Item item = batch.items.get(index);
        Request request = item.request(record.attempts(), batch.status.round());
        if (record.code() / 100 == 2) {
            violation("ItemSuccessNotTaken", batch, index, "its last attempt has the code " + record.code());
        }
        if (record.code() > 0 && request != null && request.answered()) {
            boolean same = item.requests.stream()
                    .anyMatch(each -> each.number == record.attempts() && each.code == record.code());
            if (!same) {
                String text = "attempt " + record.attempts() + " is told with the code " + record.code() + ", not "
                        + request.code;
                violation("ItemCodeInvented", batch, index, text);
            }
        }
        boolean exhausted = true;
        boolean nonRetryable = true;
        QueueModel queue = world.queue(batch.queue);
        for (QueueSpec spec : specs(batch, request)) {
            exhausted &= spec.retry().exhausted(record.attempts(), 0);
            nonRetryable &= spec.retry().nonRetryable().contains(record.code());
        }
        if ((exhausted || nonRetryable) && queue.exists) {
            String text = "attempt " + record.attempts() + " (code " + record.code() + ") was the last by "
                    + queue.latest().retry();
            violation("ItemNotGivenUp", batch, index, text);
        }
    }

    private void failed(BatchModel batch, int index, ItemRecord record) {
        ItemRecord before = batch.record(index);
        BatchModel.Item item = batch.items.get(index);
        int attempts = record.attempts() - before.earlier();
        if (!record.reason().equals("R") || attempts <= 0) {
            return;
        }
        Request last = item.request(attempts, batch.status.round());
        long first = batch.createdAt;
        for (Request request : item.requests) {
            first = request.round == batch.status.round() ? Math.min(first, request.at) : first;
        }
        long age = world.clocksSet ? Values.NEVER : world.now - first + world.wire(batch.namespace);
        for (QueueSpec spec : specs(batch, last)) {
            if (spec.retry().exhausted(attempts, age)) {
                return;
            }
        }
        String text = "given up after " + attempts + " attempts by "
                + world.queue(batch.queue).latest().retry();
        violation("ItemGivenUpEarly", batch, index, text);
    }

    private List<QueueSpec> specs(BatchModel batch, @Nullable Request request) {
        long since = request == null ? world.now - world.write(batch.namespace) : request.at;
        return world.queue(batch.queue).since(since - world.wire(batch.namespace));
    }

    /** A process has lost the Lease, or has given it back. */
    void lost(BatchModel batch, ProcessModel process, long grace) {
        boolean released = process.lives() && process.stoppingAt <= world.now && process.releasedAt == world.now;
        long refused = world.faults.lastOnlyIn(batch.namespace, world.now);
        if (!released
                || world.now >= process.stoppingAt + grace - world.notice()
                || refused >= world.now - world.write(batch.namespace)
                || batch.touched
                || batch.gone()
                || batch.status.ended()) {
            return;
        }
        for (BatchModel.Item item : batch.items) {
            Request last = item.requests.isEmpty() ? null : item.requests.getLast();
            boolean open = last != null && last.sender == process && !last.answered() && last.at < process.stoppingAt;
            int index = batch.items.indexOf(item);
            if (open
                    && last != null
                    && world.now < last.timesOutAt
                    && item.claim == null
                    && !batch.status.ended(index)
                    && batch.record(index).attempts() < last.number) {
                violation("ItemReleasedWithoutClaim", batch, last, process.name + " gave the Lease back");
            }
        }
    }

    private void violation(String rule, BatchModel batch, int index, String text) {
        BatchFacts.violation(world, rule, batch, "item " + index + ": " + text);
    }

    private void violation(String rule, BatchModel batch, Request request, String text) {
        BatchFacts.violation(world, rule, batch, "request " + request.id + " of " + request.task.key + ": " + text);
    }
}

package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a TaskBatch may say, and what follows from it.
 *
 * <ul>
 *   <li>{@code BatchRevision}: each commit raises {@code revision} by one.
 *   <li>{@code BatchOutcomeLost}: an item that has succeeded stays so; one that has failed or was skipped is open again only in a new round.
 *   <li>{@code BatchOutcomeInvented}: an item succeeds only if a worker has answered an attempt with 2xx.
 *   <li>{@code BatchCountsWrong}: counts and ranges agree; at the end every item has ended, and the state says whether all succeeded.
 *   <li>{@code BatchProgressWrong}: "progress: ended / all"; failedByReason and failures are those of the failed items.
 *   <li>{@code BatchAfterEnd}: after its end, status changes only in a new round.
 *   <li>{@code ItemLetterNotDue}, {@code ItemLetterTwice}, {@code ItemLetterMissing}: one dead letter for each failed item and round, after the commit that
 *       says {@code failed}, and before the end of the batch.
 *   <li>{@code ItemLettersTooSoon}: "one open at a time, at most one in 5 s".
 *   <li>{@code ReportEarly}, {@code ReportTwice}, {@code ReportMissing}, {@code ReportWrong}: {@code onFinished} "never runs before every item has ended, and
 *       always runs once".
 *   <li>{@code BatchDeletedOpen}: only a purge deletes an open batch.
 *   <li>{@code BatchStuck}: nothing waits for ever. Exception: its queue goes on, and has more than it can send at its rate.
 * </ul>
 */
final class BatchStatusRules {
    /** "At most one in 5 s", by a clock that drifts. */
    private static final long LETTERS_EVERY = 4_900_000_000L;

    private final World world;
    private final Obstacles obstacles;
    /** The objects whose creation the API server has refused for good. */
    private final Set<String> refused = new HashSet<>();

    BatchStatusRules(World world) {
        this.world = world;
        this.obstacles = new Obstacles(world);
    }

    void created(BatchModel letters, JsonNode object, @Nullable ProcessModel by) {
        if (by == null || letters.touched) {
            return;
        }
        world.report.count("letterBatches");
        String uid = text(child(object.path("metadata"), "annotations"), BatchFacts.BATCH_UID);
        BatchModel batch = world.batches.get(uid);
        if (batch == null) {
            violation("ItemLetterNotDue", letters, "there is no batch " + uid);
            return;
        }
        if (batch.lettersBy == by && world.now - batch.lettersAt + world.late < LETTERS_EVERY) {
            violation("ItemLettersTooSoon", batch, letters.key + " follows after " + world.ago(batch.lettersAt));
        }
        batch.lettersBy = by;
        // What is sent after a slow one may be stored soon after it.
        batch.lettersAt = world.sentAt == Values.NEVER ? world.now : world.sentAt;
        BitSet open = BatchModel.ranges(text(batch.status.json().path("deadLetters"), "open"));
        for (BatchModel.Item letter : letters.items) {
            int index = letter.line.path("deadLetterOf").path("index").asInt(-1);
            if (index < 0 || !batch.status.failed().get(index) || !open.get(index) || batch.isDeadLetters) {
                if (!batch.touched) {
                    violation(
                            "ItemLetterNotDue",
                            batch,
                            "status does not tell item " + index + " as open: " + letters.key);
                }
            } else if (!batch.items.get(index).letters.add(batch.status.round()) && !batch.touched) {
                violation("ItemLetterTwice", batch, "item " + index + " has another dead letter in " + letters.key);
            }
        }
        batch.tell(world.now, "dead letters " + letters.key + " created by " + by.name);
    }

    void changed(BatchModel batch, BatchModel.Status after, ProcessModel by) {
        BatchModel.Status before = batch.status;
        if (world.processes.unknown(by) && after.revision() == before.revision()) {
            // It may have been somebody's edit, which leaves the revision alone.
            return;
        }
        if (after.revision() != before.revision() + 1) {
            violation("BatchRevision", batch, by.name + " stored " + after.revision() + " after " + before.revision());
        }
        lost(batch, before, after);
        BitSet invented = BatchFacts.without(after.succeeded(), before.succeeded());
        invented.stream()
                .filter(index -> !batch.items.get(index).isDelivered)
                .forEach(index -> violation(
                        "BatchOutcomeInvented", batch, "item " + index + " succeeded, but no worker said so"));
        if (before.ended() && after.round() == before.round()) {
            violation("BatchAfterEnd", batch, by.name + " changed status after the end");
        }
        counts(batch, after);
        if (!after.endedUnsent()) {
            progress(batch, after);
        }
        if (after.ended() && !before.ended()) {
            ended(batch, after);
        }
    }

    private void lost(BatchModel batch, BatchModel.Status before, BatchModel.Status after) {
        BitSet lost = BatchFacts.without(before.succeeded(), after.succeeded());
        if (after.round() == before.round()) {
            lost.or(BatchFacts.without(before.failed(), after.failed()));
        }
        if (!lost.isEmpty()) {
            violation("BatchOutcomeLost", batch, "items " + lost + " had ended before");
        }
    }

    private void counts(BatchModel batch, BatchModel.Status after) {
        JsonNode counts = after.json().path("counts");
        boolean agree = counts.path("succeeded").asInt() == after.succeeded().cardinality()
                && counts.path("failed").asInt() == after.failed().cardinality()
                && counts.path("skipped").asInt() == after.skipped().cardinality();
        boolean isApart = !after.succeeded().intersects(after.failed())
                && !after.skipped().intersects(after.failed())
                && !after.succeeded().intersects(after.skipped());
        if (!agree || !isApart) {
            violation("BatchCountsWrong", batch, "counts are " + counts + " in revision " + after.revision());
        }
    }

    private void progress(BatchModel batch, BatchModel.Status after) {
        String ended = after.count() + "/" + batch.total();
        if (!text(after.json(), "progress").equals(ended)) {
            violation("BatchProgressWrong", batch, "progress is " + after.json().path("progress") + ", not " + ended);
        }
        int failed = 0;
        for (JsonNode count : after.json().path("failedByReason")) {
            failed += count.asInt();
        }
        boolean isStrange = false;
        for (JsonNode failure : after.json().path("failures")) {
            isStrange |= !after.failed().get(failure.path("index").asInt());
        }
        if (failed != after.failed().cardinality() || isStrange) {
            String text =
                    after.json().path("failedByReason") + " and " + after.json().path("failures");
            violation("BatchProgressWrong", batch, "the failures are " + text + " of " + after.failed());
        }
    }

    private void ended(BatchModel batch, BatchModel.Status after) {
        boolean all = after.succeeded().cardinality() == batch.total();
        boolean isSuccess = after.state().equals("Succeeded");
        if (after.endedUnsent()) {
            return;
        }
        if (batch.isReportedUnsent) {
            violation("ReportEarly", batch, "it was reported before, and ended as " + after.reason());
        }
        if (after.count() != batch.total() || isSuccess != all) {
            violation(
                    "BatchCountsWrong",
                    batch,
                    "it ended as " + after.state() + " with " + after.count() + " of " + batch.total());
        }
        if (!text(after.json().path("deadLetters"), "open").isEmpty()) {
            violation("ItemLetterMissing", batch, "it ended with open dead letters");
        }
        letters(batch, after);
        String when = batch.spec.path("onFinished").path("when").asText("Always");
        boolean wanted = batch.spec.has("onFinished") && (when.equals("Always") || when.equals(after.state()));
        boolean told = after.json().has("onFinishedTask");
        if (wanted != told || (told && batch.reports == 0)) {
            // A Task that is refused for good is given up.
            boolean isRefused = isRefused(batch, after, "-done-");
            if (!isRefused || told) {
                violation(
                        "ReportMissing",
                        batch,
                        "onFinishedTask is " + after.json().path("onFinishedTask"));
            }
        }
    }

    private void letters(BatchModel batch, BatchModel.Status after) {
        QueueModel queue = world.queue(batch.queue);
        boolean wanted = queue.exists
                && queue.createdAt <= batch.createdAt
                && queue.servedSince < batch.createdAt
                && !isRefused(batch, after, "-dl-")
                && !batch.isDeadLetters
                && queue.versions.stream()
                        .noneMatch(version -> version.spec.deadLetterQueue().isEmpty());
        after.failed().stream()
                .filter(index -> wanted && !batch.items.get(index).letters.contains(after.round()))
                .forEach(index -> violation("ItemLetterMissing", batch, "item " + index + " has no dead letter"));
    }

    /**
     * Whether an object of the batch was refused for good. A refusal that a permission could end is final after a while, and the message of the batch says so; only
     * a fault makes one.
     */
    private boolean isRefused(BatchModel batch, BatchModel.Status after, String name) {
        boolean isSaid = false;
        for (JsonNode condition : after.json().path("conditions")) {
            String message = text(condition, "message");
            isSaid |= message.contains("have no dead letters") || message.contains("no Task for onFinished");
        }
        return refused.stream().anyMatch(object -> object.startsWith(batch.key + name))
                || (isSaid && world.disturbed(batch.namespace, world.now - world.write(batch.namespace)));
    }

    /** The API server will never take an object of this name. */
    void refused(String name) {
        refused.add(name);
    }

    /** The Task of onFinished was created. */
    void reported(BatchModel batch, JsonNode task, ProcessModel by) {
        batch.tell(world.now, "onFinished " + text(task.path("metadata"), "name") + " created by " + by.name);
        world.report.count("reports");
        if (batch.touched) {
            return;
        }
        BatchModel.Status status = batch.status;
        boolean isSent = batch.items.stream().anyMatch(item -> !item.requests.isEmpty());
        if (status.count() == batch.total() || batch.gone()) {
            batch.isReportedUnsent = false;
        } else if (isSent) {
            violation("ReportEarly", batch, status.count() + " of " + batch.total() + " items have ended");
        } else {
            batch.isReportedUnsent = true;
        }
        if (!text(status.json().path("deadLetters"), "open").isEmpty()) {
            violation("ReportEarly", batch, "dead letters are open");
        }
        if (++batch.reports > 1) {
            violation("ReportTwice", batch, "a second time in round " + status.round());
        }
        JsonNode summary = task.path("spec").path("httpRequest").path("json");
        JsonNode body =
                summary.isMissingNode() ? task.path("spec").path("httpRequest").path("body") : summary;
        JsonNode said = body.isTextual() ? BatchModel.json(body.asText()) : body;
        if (said.path("failed").asInt() != status.failed().cardinality()
                || said.path("succeeded").asInt() != status.succeeded().cardinality()) {
            violation("ReportWrong", batch, "it says " + said);
        }
    }

    void deleted(BatchModel batch, @Nullable ProcessModel by) {
        QueueModel queue = world.queue(batch.queue);
        boolean purged =
                queue.versions.stream().anyMatch(version -> version.spec.purgeBefore() > batch.creationTimestamp);
        if (by != null && !batch.status.ended() && !purged && !batch.touched) {
            violation("BatchDeletedOpen", batch, "by " + by.name + " in state " + batch.status.state());
        }
    }

    /**
     * Nothing more will be observed.
     *
     * @param isBusy whether a backlog of its queue is a good reason to wait
     */
    void judged(BatchModel batch, boolean isBusy) {
        if (batch.gone() || batch.status.ended() || !obstacles.judged()) {
            return;
        }
        QueueModel queue = world.queue(batch.queue);
        boolean waits = isBusy
                || !queue.exists
                || queue.pauseWished()
                || queue.state.equals("Invalid")
                || batch.heldSince != Values.NEVER
                || world.now - batch.createdAt < world.quiet
                || world.objects.changedAt(batch.namespace) > world.now - world.quiet;
        boolean isRecent = batch.storedAt != 0 && world.now - batch.storedAt < world.quiet;
        if (!waits && !isRecent) {
            violation("BatchStuck", batch, batch.status.json().toString());
        }
    }

    private void violation(String rule, BatchModel batch, String text) {
        BatchFacts.violation(world, rule, batch, text);
    }
}

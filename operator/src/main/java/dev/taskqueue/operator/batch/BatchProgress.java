package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.BatchState;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.RedriveRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the status of a TaskBatch tells: what has become of its items, and how far the batch itself is. It changes with each outcome; {@link
 * BatchStatusWriter} makes the status of it, and {@link BatchStatusReader} reads it back. Its owner guards it.
 */
public final class BatchProgress {
    final ItemStates items;
    final List<ItemFailure> failures = new ArrayList<>();
    final ClaimGroups claims = new ClaimGroups();
    final ConditionTimes conditionTimes = new ConditionTimes();
    final BitSet openDeadLetters = new BitSet();
    final ExpeditedItems expedited = new ExpeditedItems();
    final EndRefusals refusals = new EndRefusals();
    int deadLettersCreated;
    long revision;
    int round = 1;

    @Nullable Instant roundStartedAt;

    @Nullable Instant startedAt;

    @Nullable Instant completedAt;

    @Nullable String onFinishedTask;

    @Nullable BatchStop stop;

    HandledAnnotations handled = HandledAnnotations.NOTHING;

    /** A batch of which nothing was sent. */
    public BatchProgress(int total) {
        this.items = new ItemStates(total);
    }

    /**
     * Takes an outcome. It does not count if the item has succeeded or failed before, or if the attempt or a later one is known already. An item that would be sent again is skipped if nothing further
     * leaves.
     *
     * @param key the producer's name for the item; null if it has none
     * @return whether it counts
     */
    public boolean note(int index, @Nullable String key, Entry entry) {
        if (items.know(index, entry)) {
            return false;
        }
        start(entry.history().firstDispatchAt());
        switch (entry) {
            case Entry.BackingOff backingOff -> backOff(index, backingOff);
            case Entry.Finished finished when finished.ending().isSuccess() -> items.succeed(index);
            case Entry.Finished finished -> fail(index, key, finished);
        }
        var ended = new BitSet();
        ended.set(index);
        claims.remove(ended);
        expedited.remove(ended);
        return true;
    }

    private void start(@Nullable Instant dispatchedAt) {
        if (dispatchedAt != null && (startedAt == null || dispatchedAt.isBefore(startedAt))) {
            startedAt = Instant.ofEpochMilli(dispatchedAt.toEpochMilli());
        }
    }

    private void backOff(int index, Entry.BackingOff backingOff) {
        ItemAttempts attempts = ItemAttempts.of(backingOff.history());
        items.backOff(index, new ItemRetry(attempts, backingOff.nextAt().toEpochMilli()));
        if (stop != null) {
            items.skip(index);
        }
    }

    private void fail(int index, @Nullable String key, Entry.Finished finished) {
        Ending ending = finished.ending();
        EndedItem end = EndedItem.of(finished.history(), ending.reason());
        items.fail(index, end);
        if (failures.size() < ItemFailure.MOST_SHOWN) {
            failures.add(new ItemFailure(
                    index,
                    key,
                    end.attempts(),
                    end.lastCode() == 0 ? null : (Integer) end.lastCode(),
                    ending.reason().name(),
                    MessageText.cut(ending.message()),
                    finished.at()));
        }
    }

    /** Items that will not be sent. Those that have ended stay as they are. */
    public void skip(BitSet indexes) {
        indexes.stream()
                .filter(index -> index < total() && !items.hasEnded(index))
                .forEach(items::skip);
        claims.remove(items.skipped());
        expedited.remove(items.skipped());
    }

    /** Attempts that are in flight. */
    public void claim(ItemClaim claim) {
        start(claim.dispatchedAt());
        claims.add(claim);
        claims.remove(items.ended());
    }

    /** The failed item waits for its dead letter. */
    public void awaitDeadLetter(int index) {
        openDeadLetters.set(index);
    }

    /** A batch of dead letters exists for these items. */
    public void deadLettered(BitSet indexes) {
        openDeadLetters.andNot(indexes);
        deadLettersCreated++;
    }

    /** There will be no dead letter of these items. */
    public void withoutDeadLetters(BitSet indexes) {
        openDeadLetters.andNot(indexes);
    }

    /** What was handled in another progress of the same batch was handled here, too. */
    public void handleAlso(BatchProgress other) {
        handled = other.handled.over(handled);
        expedited.addAll(other.expedited);
        expedited.remove(items.ended());
    }

    /** Nothing further leaves. The first reason stays. */
    public void stop(BatchStop why) {
        if (stop == null) {
            stop = why;
        }
    }

    /** The Task that reports the end exists. */
    public void reported(String task) {
        onFinishedTask = task;
    }

    /** The batch has ended, with all that belongs to it. */
    public void complete(Instant at) {
        completedAt = Instant.ofEpochMilli(at.toEpochMilli());
        claims.clear();
        expedited.clear();
    }

    /** The annotation value wants all items that wait to be due now. */
    public void makeDue(String value, Instant now) {
        handled = handled.withRunNow(value);
        expedited.makeDue(Instant.ofEpochMilli(now.toEpochMilli()));
        items.makeDue(now.toEpochMilli());
    }

    /** The annotation value wants these items sent now, past all limits. */
    public void expedite(String value, BitSet indexes) {
        handled = handled.withRunNow(value);
        expedited.choose(indexes);
        expedited.remove(items.ended());
    }

    /**
     * Begins the next round: what has failed or was skipped is open again, and due at once unless its own time is later. The owner has looked whether
     * the request is a new one.
     *
     * @return the items that are open again; empty if none is, and then no round begins
     */
    public BitSet redrive(RedriveRequest request, Instant now) {
        handled = handled.with(request);
        if (stop != null && stop.endsAll()) {
            return new BitSet();
        }
        BitSet again = items.restart(now.toEpochMilli());
        if (again.isEmpty()) {
            return again;
        }
        round++;
        roundStartedAt = Instant.ofEpochMilli(now.toEpochMilli());
        completedAt = null;
        onFinishedTask = null;
        stop = null;
        refusals.clear();
        failures.clear();
        if (!openDeadLetters.isEmpty()) {
            // Its object may exist already, so the next one needs another name.
            deadLettersCreated++;
            openDeadLetters.clear();
        }
        return again;
    }

    /** The status that {@link BatchStatusWriter} made is in. */
    public void committed(long written) {
        revision = written;
    }

    public int total() {
        return items.total();
    }

    /** How many commits there were; it guards the next one. */
    public long revision() {
        return revision;
    }

    public int round() {
        return round;
    }

    /** When the last redrive was; null in the first round. */
    public @Nullable Instant roundStartedAt() {
        return roundStartedAt;
    }

    /** What people want sent before its time; live, and not to be changed. */
    public ExpeditedItems expedited() {
        return expedited;
    }

    /** Whether the item is neither delivered nor given up. */
    public boolean isOpen(int index) {
        return !items.hasEnded(index);
    }

    /** A copy. */
    public BitSet open() {
        return isEndedAsAWhole() ? new BitSet() : items.open();
    }

    /** A copy. */
    public BitSet failed() {
        return (BitSet) items.failed().clone();
    }

    public int succeededCount() {
        return items.succeeded().cardinality();
    }

    public int failedCount() {
        return items.failed().cardinality();
    }

    public int skippedCount() {
        return items.skipped().cardinality();
    }

    /** The attempts of open items that have any; live, and not to be changed. */
    public Map<Integer, ItemRetry> retries() {
        return Collections.unmodifiableMap(items.retries());
    }

    /** What is kept of a failed item; null if it has not failed. */
    public @Nullable EndedItem failedItem(int index) {
        return items.failed().get(index) ? items.endedItems().getOrDefault(index, EndedItem.UNSENT) : null;
    }

    public List<ItemFailure> failures() {
        return List.copyOf(failures);
    }

    public List<ItemClaim> claims() {
        return claims.groups();
    }

    /** The items that were left unsent; a copy. */
    public BitSet skipped() {
        return (BitSet) items.skipped().clone();
    }

    /** The failed items that wait for their dead letter; a copy. */
    public BitSet openDeadLetters() {
        return (BitSet) openDeadLetters.clone();
    }

    public int deadLettersCreated() {
        return deadLettersCreated;
    }

    public HandledAnnotations handled() {
        return handled;
    }

    public EndRefusals refusals() {
        return refusals;
    }

    public @Nullable BatchStop stop() {
        return stop;
    }

    public @Nullable Instant startedAt() {
        return startedAt;
    }

    public @Nullable Instant completedAt() {
        return completedAt;
    }

    public @Nullable String onFinishedTask() {
        return onFinishedTask;
    }

    /** Whether every item has ended. Dead letters and the Task of {@code onFinished} may still be missing. */
    public boolean isDone() {
        return isEndedAsAWhole() || items.endedCount() == items.total();
    }

    private boolean isEndedAsAWhole() {
        return stop != null && stop.endsAll();
    }

    /** Whether the batch ends well, if no further item is sent. */
    public boolean isSuccess() {
        return (stop != null && stop.endsAll()) ? stop.isSuccess() : succeededCount() == total();
    }

    /**
     * The state, as status tells it.
     *
     * @param isScheduled whether no item is due yet
     */
    public BatchState state(boolean isScheduled) {
        if (completedAt != null) {
            return isSuccess() ? BatchState.Succeeded : BatchState.Failed;
        }
        if (isDone()) {
            return BatchState.Finishing;
        }
        if (startedAt != null || items.endedCount() > 0) {
            return BatchState.Running;
        }
        return isScheduled ? BatchState.Scheduled : BatchState.Pending;
    }
}

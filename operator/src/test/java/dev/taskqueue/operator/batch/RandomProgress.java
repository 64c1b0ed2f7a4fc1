package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.task.RedriveRequest;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Makes batches that have been through a random story. */
final class RandomProgress {
    static final Instant START = Instant.parse("2026-11-20T08:00:00.123Z");

    private static final List<Ending.Reason> FAILURES =
            List.of(Ending.Reason.NonRetryable, Ending.Reason.RetriesExhausted, Ending.Reason.Expired);

    private final Random random;
    private final BatchProgress progress;
    private Instant now = START;

    private RandomProgress(Random random, int total) {
        this.random = random;
        this.progress = new BatchProgress(total);
    }

    /** A story of so many steps. */
    static BatchProgress of(long seed, int total, int steps) {
        var story = new RandomProgress(new Random(seed), total);
        for (int i = 0; i < steps; i++) {
            story.step();
        }
        return story.progress;
    }

    private void step() {
        now = now.plusMillis(random.nextInt(5000));
        int index = random.nextInt(progress.total());
        switch (random.nextInt(40)) {
            case 0 -> progress.skip(few());
            case 1 -> progress.redrive(RedriveRequest.byTask("again-" + now), now);
            case 2 -> progress.stop(stop());
            case 3 -> progress.deadLettered(few());
            case 4 -> progress.makeDue("now-" + now, now);
            case 7 -> progress.expedite("0-2 now-" + now, few());
            case 5 -> progress.claim(claim());
            case 8 -> progress.refusals().refuseDeadLetters("orders-failed", "the API server refused it with 422");
            case 6 -> progress.reported("a-done-" + random.nextInt(10));
            default -> {
                if (progress.isOpen(index)) {
                    note(index);
                }
            }
        }
        if (progress.isDone()) {
            progress.complete(now);
        }
    }

    private BatchStop stop() {
        return switch (random.nextInt(3)) {
            case 0 -> BatchStop.tooManyFailed(3);
            case 1 -> BatchStop.cancelled("no more");
            default -> BatchStop.expired("It had its time.");
        };
    }

    private ItemClaim claim() {
        BitSet items = progress.open();
        items.and(few());
        return items.isEmpty()
                ? new ItemClaim(
                        progress.open().isEmpty() ? new BitSet() : first(), now, now.plusSeconds(600), "operator-1")
                : new ItemClaim(items, now, now.plusSeconds(600), "operator-" + random.nextInt(2));
    }

    private BitSet first() {
        var first = new BitSet();
        first.set(progress.open().nextSetBit(0));
        return first;
    }

    private BitSet few() {
        var few = new BitSet();
        for (int i = 0; i < 3; i++) {
            few.set(random.nextInt(progress.total()));
        }
        return few;
    }

    private void note(int index) {
        ItemRetry before = progress.retries().get(index);
        AttemptHistory history = before == null
                ? new AttemptHistory(0, 0, 0, progress.round(), 0, 0, 0, null, List.of())
                : before.attempts().history(progress.round());
        int code = new int[] {200, 500, 503, 422, 0}[random.nextInt(5)];
        history = history.plus(now, now, now.plusMillis(5), outcome(code));
        String key = random.nextBoolean() ? "k-" + index : null;
        if (code == 200) {
            progress.note(index, key, new Entry.Finished(history, new Ending(Ending.Reason.Delivered, "Fine."), now));
        } else if (random.nextInt(3) == 0) {
            Ending.Reason reason = FAILURES.get(random.nextInt(FAILURES.size()));
            progress.note(index, key, new Entry.Finished(history, new Ending(reason, "It failed."), now));
            if (random.nextBoolean()) {
                progress.awaitDeadLetter(index);
            }
        } else {
            progress.note(index, key, new Entry.BackingOff(history, now.plusMillis(random.nextInt(10_000_000))));
        }
    }

    static Outcome outcome(int code) {
        return code == 0
                ? new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "No answer.")
                : Outcome.Answered.of(code);
    }
}

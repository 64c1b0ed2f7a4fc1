package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchStop;
import dev.taskqueue.operator.batch.ItemClaim;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemRetry;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.engine.BatchItems;
import dev.taskqueue.operator.engine.BatchOffer;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.DueTime;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.StatusReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the offer to the engine from a batch and its status. */
final class BatchOffers {
    private final InstantSource wall;
    private final NamespaceTerms terms;
    private final Supplier<Duration> ahead;
    private final Duration maxScheduleAhead;

    /** @param ahead how far {@code wall} is ahead of the API server's clock */
    BatchOffers(InstantSource wall, NamespaceTerms terms, Supplier<Duration> ahead, Duration maxScheduleAhead) {
        this.wall = wall;
        this.terms = terms;
        this.ahead = ahead;
        this.maxScheduleAhead = maxScheduleAhead;
    }

    Duration maxScheduleAhead() {
        return maxScheduleAhead;
    }

    boolean leads(String namespace) {
        return terms.leads(namespace);
    }

    /** To be called when the object is first seen: its creation time is cut to seconds. */
    DueTimes dueTimes(BatchObject batch, ItemList items) {
        Instant created = DueTime.created(batch.createdAt(), wall.instant(), ahead.get());
        Instant due = batch.dueAt(created);
        long[] own = new long[items.hasOwnTimes() ? items.total() : 0];
        for (int i = 0; i < own.length; i++) {
            own[i] = Delivery.ceilMillis(items.dueAt(i, created, due));
        }
        return new DueTimes(due, own);
    }

    /** Why the batch as a whole has ended before anything is sent. */
    Optional<BatchStop> wholeEnd(BatchRecord record) {
        if (record.problem != null) {
            return Optional.of(BatchStop.invalidSpec(record.problem));
        }
        CompletedAnnotation completed = record.object.completed();
        boolean isOlderThanRound = completed != null
                && record.progress.roundStartedAt() != null
                && !completed.at().isAfter(record.progress.roundStartedAt());
        return completed == null || completed.isInTheFuture(wall.instant()) || isOlderThanRound
                ? Optional.empty()
                : Optional.of(BatchStop.alreadyCompleted(
                        completed.success(), completed.ending().message()));
    }

    /** The obstacle of a batch that is further ahead than the operator allows. */
    Optional<Obstacle> limit(BatchRecord record) {
        BatchObject batch = record.object;
        boolean isTooFar = record.dueTimes
                        .first()
                        .isAfter(batch.createdAt().plus(maxScheduleAhead).plusSeconds(1))
                && record.progress.startedAt() == null;
        return !isTooFar
                ? Optional.empty()
                : Optional.of(SpecRules.limit(
                        batch.id().namespace(),
                        OperatorSetting.MAX_SCHEDULE_AHEAD,
                        "The batch is due more than %s after its creation: create it later"
                                .formatted(Durations.format(maxScheduleAhead))));
    }

    BatchOffer of(BatchRecord record, boolean held) {
        BatchObject batch = record.object;
        BatchProgress progress = record.progress;
        Map<Integer, BatchOffer.Claimed> claims = claims(record);
        BitSet fresh = progress.open();
        claims.keySet().forEach(fresh::clear);
        progress.retries().keySet().forEach(fresh::clear);
        BatchItems items = record.dueTimes.own().length == 0
                ? BatchItems.dueAt(fresh, Delivery.ceilMillis(record.dueTimes.first()))
                : BatchItems.dueAt(fresh, record.dueTimes.own());
        Instant due = record.dueTimes.first();
        Instant wanted = progress.expedited().dueSince();
        if (wanted != null) {
            items.makeDue(wanted.toEpochMilli());
            due = wanted.isBefore(due) ? wanted : due;
        }
        progress.retries().forEach((index, retry) -> {
            if (!claims.containsKey(index) && progress.isOpen(index)) {
                items.add(new BatchItems.Item(index, retry.nextAt(), retry.attempts()));
            }
        });
        Instant since = Objects.requireNonNullElse(progress.roundStartedAt(), batch.createdAt());
        return new BatchOffer(
                record.id,
                progress.round(),
                record.queue,
                batch.createdAt(),
                due.isAfter(since) ? due : since,
                batch.expireAt(),
                held,
                items,
                claims);
    }

    private Map<Integer, BatchOffer.Claimed> claims(BatchRecord record) {
        var claims = new HashMap<Integer, BatchOffer.Claimed>();
        Instant latest = terms.claimsEndAt(record.id.namespace());
        for (ItemClaim claim : record.progress.claims()) {
            Instant until = StatusReader.claimEnd(Optional.of(claim.deadline()), latest);
            claim.indexes().stream().filter(record.progress::isOpen).forEach(index -> {
                ItemRetry retry = record.progress.retries().get(index);
                claims.put(
                        index,
                        new BatchOffer.Claimed(
                                retry == null ? ItemAttempts.NONE : retry.attempts(),
                                new Offer.Claim(claim.dispatchedAt(), claim.dispatchedAt(), until)));
            });
        }
        return claims;
    }
}

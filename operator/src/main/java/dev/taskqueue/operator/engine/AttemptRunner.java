package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.Verdict;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import dev.taskqueue.operator.engine.DeliveryState.InPreparation;
import dev.taskqueue.operator.engine.DeliveryState.Interrupted;
import dev.taskqueue.operator.engine.DeliveryState.Preparing;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs one action that a lane has decided for one delivery, and reports the result to the lane. Each action runs on a thread of its own. The
 * delivery's permit is released whatever happens.
 */
final class AttemptRunner {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptRunner.class);

    private final EnginePorts ports;
    private final Clocks clocks;
    private final Predicate<QueueId> mayAct;
    private final RandomGenerator random;

    AttemptRunner(EnginePorts ports, Clocks clocks, Predicate<QueueId> mayAct, RandomGenerator random) {
        this.ports = ports;
        this.clocks = clocks;
        this.mayAct = mayAct;
        this.random = random;
    }

    void run(LaneAttempts lane, LaneActions.Action action) {
        Delivery delivery = action.delivery();
        switch (action.state()) {
            case Preparing preparing -> prepare(lane, delivery, preparing);
            case Fetching fetching -> fetch(lane, delivery, fetching);
            case Departing departing -> send(lane, delivery, departing);
            case Interrupted interrupted -> interrupt(lane, delivery, interrupted);
            case DeliveryState.Rewriting(Journal.Entry entry) -> conclude(lane, delivery, entry);
            case DeliveryState.Ending(Offer.End end) ->
                conclude(lane, delivery, new Journal.Entry.Finished(delivery.history, end.ending(), end.at()));
            default -> throw new IllegalStateException("nothing is to be done for " + action.state());
        }
    }

    /** Returns whether there was an end to save. */
    boolean saveUnwritten(LaneActions.Action action) {
        if (action.state() instanceof DeliveryState.Unwritten(Journal.Entry.Finished end)) {
            ports.journal().saveUnwritten(action.delivery().id(), end);
            return true;
        }
        return false;
    }

    private void prepare(LaneAttempts lane, Delivery delivery, Preparing preparing) {
        switch (prepareSafely(delivery, () -> ports.dispatcher().prepare(delivery.id(), lane.queue()))) {
            case Preparation.Ready ready ->
                lane.prepared(delivery, preparing, new DeliveryState.Ready(ready.request(), clocks.nanos()));
            case Preparation.Large large -> lane.preparedLarge(delivery, preparing, large, mayAct.test(lane.queue()));
            case Preparation.Blocked blocked -> blocked(lane, delivery, preparing, blocked.obstacle());
            case Preparation.NoTask _ -> lane.noTask(delivery);
        }
    }

    private void fetch(LaneAttempts lane, Delivery delivery, Fetching fetching) {
        boolean kept = false;
        try {
            switch (prepareSafely(delivery, () -> ports.dispatcher().fetch(delivery.id(), lane.queue()))) {
                case Preparation.Ready ready -> kept = lane.fetched(delivery, fetching, ready.request());
                case Preparation.Large _ -> throw new IllegalStateException("a large request is read whole here");
                case Preparation.Blocked blocked -> blocked(lane, delivery, fetching, blocked.obstacle());
                case Preparation.NoTask _ -> lane.noTask(delivery);
            }
        } catch (RuntimeException failure) {
            failed(lane, delivery, failure);
        } finally {
            if (!kept) {
                lane.release(fetching.permit());
            }
        }
    }

    private void blocked(LaneAttempts lane, Delivery delivery, InPreparation preparation, Obstacle obstacle) {
        lane.blocked(delivery, preparation, obstacle);
        ports.listener().statusChanged(delivery.id());
    }

    private static Preparation prepareSafely(Delivery delivery, Supplier<Preparation> work) {
        try {
            return work.get();
        } catch (RuntimeException failure) {
            LOG.error("Task {} could not be prepared; it is tried again", delivery.key, failure);
            return new Preparation.Blocked(
                    obstacle(delivery, "The operator failed to prepare the request; its log tells why."));
        }
    }

    private static Obstacle obstacle(Delivery delivery, String message) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, delivery.key.namespace(), delivery.key.toString()),
                message);
    }

    private void failed(LaneAttempts lane, Delivery delivery, RuntimeException failure) {
        LOG.error("Task {} could not be sent; it is tried again", delivery.key, failure);
        lane.failed(delivery, obstacle(delivery, "The operator failed to send the request; its log tells why."));
        ports.listener().statusChanged(delivery.id());
    }

    private void send(LaneAttempts lane, Delivery delivery, Departing departing) {
        try {
            switch (departing.request().finalCheck()) {
                case FinalCheck.Blocked blocked -> lane.notSent(delivery, departing, blocked.obstacle());
                case FinalCheck.Passed passed -> depart(lane, delivery, departing, passed.request());
            }
            ports.listener().statusChanged(delivery.id());
        } catch (RuntimeException failure) {
            failed(lane, delivery, failure);
        } finally {
            lane.release(departing.permit());
        }
    }

    private void depart(LaneAttempts lane, Delivery delivery, Departing departing, Dispatcher.Sendable request) {
        InFlight inFlight = lane.depart(delivery, departing, mayAct.test(lane.queue()));
        if (inFlight == null) {
            return;
        }
        Instant scheduledAt = Instant.ofEpochMilli(delivery.scheduledAt());
        ports.listener().statusChanged(delivery.id());
        ports.listener().departed(lane.queue(), Duration.between(scheduledAt, inFlight.dispatchedAt()));
        var attempt = new AttemptContext(
                delivery.key,
                lane.queue(),
                scheduledAt,
                inFlight.dispatchedAt(),
                inFlight.expireAt(),
                delivery.history,
                lane.retry());
        long start = clocks.nanos();
        switch (sendSafely(request, attempt)) {
            case Departure.HeldBack(String why) ->
                lane.heldBack(delivery, inFlight, obstacle(delivery, why), mayAct.test(lane.queue()));
            case Departure.Left(Outcome outcome) -> {
                Duration took = Duration.ofNanos(clocks.nanos() - start);
                ports.listener().attempted(attempt, outcome, took, () -> request.trace(attempt));
                lane.answered(delivery, inFlight.permit(), outcome);
                answered(lane, delivery, attempt, outcome, inFlight.expedited());
            }
        }
    }

    private static Departure sendSafely(Dispatcher.Sendable request, AttemptContext attempt) {
        try {
            return request.send(attempt);
        } catch (RuntimeException failure) {
            LOG.error("The request of Task {} failed in the operator itself", attempt.key(), failure);
            return new Departure.Left(new Outcome.Unanswered(
                    AttemptReason.ConnectFailed, "The operator failed to send the request; its log tells why."));
        }
    }

    private void answered(
            LaneAttempts lane, Delivery delivery, AttemptContext attempt, Outcome outcome, boolean expedited) {
        Instant endedAt = clocks.instant();
        RetryPolicy retry = lane.retry();
        AttemptHistory history = attempt.before()
                .plus(attempt.scheduledAt(), attempt.dispatchedAt(), endedAt, outcome, retry.noteOnPause(outcome));
        Verdict verdict = retry.after(history, outcome, endedAt, random);
        // The backoff of an attempt that a person asked for counts from the request, as with RunTask of Cloud Tasks.
        conclude(lane, delivery, entry(history, verdict, endedAt, expedited ? attempt.scheduledAt() : endedAt));
    }

    /** An earlier process sent this attempt and ended before it could write the outcome. */
    private void interrupt(LaneAttempts lane, Delivery delivery, Interrupted interrupted) {
        Offer.Claim claim = interrupted.claim();
        try {
            Instant endedAt = clocks.instant();
            AttemptHistory history = delivery.history.plusInterrupted(claim.scheduledAt(), claim.dispatchedAt());
            var outcome = new Outcome.Unanswered(
                    AttemptReason.Interrupted,
                    Objects.requireNonNull(history.last()).message());
            Duration took = Duration.between(claim.dispatchedAt(), endedAt);
            var attempt = new AttemptContext(
                    delivery.key,
                    lane.queue(),
                    claim.scheduledAt(),
                    claim.dispatchedAt(),
                    null,
                    delivery.history,
                    lane.retry());
            ports.listener().attempted(attempt, outcome, took, () -> null);
            Verdict verdict = lane.retry().after(history, outcome, endedAt, random);
            conclude(lane, delivery, entry(history, verdict, endedAt, endedAt));
        } finally {
            lane.release(interrupted.permit());
        }
    }

    /** @param delayedFrom when a backoff begins */
    private static Journal.Entry entry(AttemptHistory history, Verdict verdict, Instant endedAt, Instant delayedFrom) {
        return switch (verdict) {
            case Verdict.Finish finish -> new Journal.Entry.Finished(history, finish.ending(), endedAt);
            case Verdict.RetryAfter retry -> new Journal.Entry.BackingOff(history, delayedFrom.plus(retry.delay()));
        };
    }

    /** Writes an outcome or an end, for the first time or again. */
    private void conclude(LaneAttempts lane, Delivery delivery, Journal.Entry entry) {
        ClockReading before = clocks.now();
        if (delivery instanceof BatchFeed.ItemDelivery item) {
            if (lane.ended(item, entry, before)) {
                ports.itemJournal().note(item.batch, item.id(), entry);
            }
            return;
        }
        Journal.Receipt receipt =
                lane.isRemoved(delivery) ? new Journal.Receipt.TaskDeleted() : write(lane, delivery, entry);
        lane.concluded(delivery, entry, receipt, before);
        if (receipt instanceof Journal.Receipt.Written && entry instanceof Journal.Entry.Finished finished) {
            ports.listener().finished(delivery.key, lane.queue(), finished.ending());
        } else {
            ports.listener().statusChanged(delivery.id());
        }
    }

    private Journal.Receipt write(LaneAttempts lane, Delivery delivery, Journal.Entry entry) {
        try {
            return ports.journal().write(delivery.id(), lane.queue(), entry);
        } catch (RuntimeException failure) {
            LOG.error("The outcome of Task {} could not be written; it is tried again", delivery.key, failure);
            return new Journal.Receipt.WriteRefused("the operator failed to write it; its log tells why.");
        }
    }
}

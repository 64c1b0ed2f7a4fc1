package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.Verdict;
import dev.taskqueue.operator.engine.DeliveryState.Departing;
import dev.taskqueue.operator.engine.DeliveryState.Fetching;
import dev.taskqueue.operator.engine.DeliveryState.InFlight;
import dev.taskqueue.operator.engine.DeliveryState.Interrupted;
import dev.taskqueue.operator.engine.DeliveryState.Preparing;
import dev.taskqueue.operator.engine.DeliveryState.Underway;
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
 * Does what a lane has decided for one delivery, on a thread of its own, and tells the lane what came of it. What the delivery holds for that is
 * given back whatever happens.
 */
final class AttemptRunner {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptRunner.class);

    private final EnginePorts ports;
    private final Clocks clock;
    private final Predicate<QueueId> mayAct;
    private final RandomGenerator random;

    AttemptRunner(EnginePorts ports, Clocks clock, Predicate<QueueId> mayAct, RandomGenerator random) {
        this.ports = ports;
        this.clock = clock;
        this.mayAct = mayAct;
        this.random = random;
    }

    void run(LaneActions.Move move) {
        Delivery delivery = move.delivery();
        switch (move.state()) {
            case Preparing preparing -> prepare(delivery, preparing);
            case Fetching fetching -> fetch(delivery, fetching);
            case Departing departing -> send(delivery, departing);
            case Interrupted interrupted -> interrupt(delivery, interrupted);
            case DeliveryState.Rewriting(Journal.Entry entry) -> conclude(delivery, entry);
            case DeliveryState.Ending(Offer.End end) ->
                conclude(delivery, new Journal.Entry.Finished(delivery.progress, end.ending(), end.at()));
            default -> throw new IllegalStateException("nothing is to be done for " + move.state());
        }
    }

    /** Returns whether there was an end to save. */
    boolean saveUnwritten(LaneActions.Move move) {
        if (move.state() instanceof DeliveryState.Unwritten(Journal.Entry.Finished end)) {
            ports.journal().saveUnwritten(move.delivery().id(), end);
            return true;
        }
        return false;
    }

    private void prepare(Delivery delivery, Preparing preparing) {
        Lane lane = delivery.lane;
        switch (preparation(delivery, () -> ports.dispatcher().prepare(delivery.id(), lane.id))) {
            case Preparation.Ready ready ->
                lane.prepared(delivery, preparing, new DeliveryState.Ready(ready.request(), clock.nanos()));
            case Preparation.Large large -> lane.preparedLarge(delivery, preparing, large, mayAct.test(lane.id));
            case Preparation.Blocked blocked -> blocked(delivery, preparing, blocked.obstacle());
            case Preparation.NoTask _ -> lane.remove(delivery);
        }
    }

    private void fetch(Delivery delivery, Fetching fetching) {
        Lane lane = delivery.lane;
        boolean kept = false;
        try {
            switch (preparation(delivery, () -> ports.dispatcher().fetch(delivery.id(), lane.id))) {
                case Preparation.Ready ready -> kept = lane.fetched(delivery, fetching, ready.request());
                case Preparation.Large _ -> throw new IllegalStateException("a large request is read whole here");
                case Preparation.Blocked blocked -> blocked(delivery, fetching, blocked.obstacle());
                case Preparation.NoTask _ -> lane.remove(delivery);
            }
        } catch (RuntimeException failure) {
            failed(delivery, failure);
        } finally {
            if (!kept) {
                lane.giveBack(fetching.pass());
            }
        }
    }

    private void blocked(Delivery delivery, Underway underway, Obstacle obstacle) {
        delivery.lane.blocked(delivery, underway, obstacle);
        ports.listener().statusChanged(delivery.id());
    }

    private static Preparation preparation(Delivery delivery, Supplier<Preparation> work) {
        try {
            return work.get();
        } catch (RuntimeException failure) {
            LOG.error("Task {} could not be prepared; it is tried again", delivery.task, failure);
            return new Preparation.Blocked(
                    obstacle(delivery, "The operator failed to prepare the request; its log tells why."));
        }
    }

    private static Obstacle obstacle(Delivery delivery, String message) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(
                        Obstacle.Kind.ApiServer, delivery.task.namespace(), "tasks/" + delivery.task.name()),
                message);
    }

    private void failed(Delivery delivery, RuntimeException failure) {
        LOG.error("Task {} could not be sent; it is tried again", delivery.task, failure);
        delivery.lane.failed(
                delivery, obstacle(delivery, "The operator failed to send the request; its log tells why."));
        ports.listener().statusChanged(delivery.id());
    }

    private void send(Delivery delivery, Departing departing) {
        try {
            switch (departing.shipment().finalCheck()) {
                case FinalCheck.Blocked blocked -> delivery.lane.notSent(delivery, departing, blocked.obstacle());
                case FinalCheck.Passed open -> leave(delivery, departing, open.request());
            }
            ports.listener().statusChanged(delivery.id());
        } catch (RuntimeException failure) {
            failed(delivery, failure);
        } finally {
            delivery.lane.giveBack(departing.pass());
        }
    }

    private void leave(Delivery delivery, Departing departing, Dispatcher.Sendable request) {
        Lane lane = delivery.lane;
        InFlight flight = lane.leave(delivery, departing, mayAct.test(lane.id));
        if (flight == null) {
            return;
        }
        Instant scheduledAt = Instant.ofEpochMilli(delivery.dueAt);
        ports.listener().statusChanged(delivery.id());
        ports.listener().departed(lane.id, Duration.between(scheduledAt, flight.dispatchedAt()));
        var attempt = new AttemptContext(
                delivery.task, lane.id, scheduledAt, flight.dispatchedAt(), delivery.progress, lane.retry());
        long start = clock.nanos();
        switch (departure(request, attempt)) {
            case Departure.HeldBack(String why) -> lane.heldBack(delivery, flight, obstacle(delivery, why));
            case Departure.Left(Outcome outcome) -> {
                ports.listener().attempted(lane.id, outcome, Duration.ofNanos(clock.nanos() - start));
                lane.answered(flight.pass(), outcome);
                answered(delivery, attempt, outcome, flight.expedited());
            }
        }
    }

    private static Departure departure(Dispatcher.Sendable request, AttemptContext attempt) {
        try {
            return request.send(attempt);
        } catch (RuntimeException failure) {
            LOG.error("The request of Task {} failed in the operator itself", attempt.task(), failure);
            return new Departure.Left(new Outcome.Unanswered(
                    AttemptReason.ConnectFailed, "The operator failed to send the request; its log tells why."));
        }
    }

    private void answered(Delivery delivery, AttemptContext attempt, Outcome outcome, boolean expedited) {
        Instant endedAt = clock.instant();
        AttemptHistory progress =
                attempt.before().plus(attempt.scheduledAt(), attempt.dispatchedAt(), endedAt, outcome);
        Verdict verdict = delivery.lane.retry().after(progress, outcome, endedAt, random);
        // As Cloud Tasks' RunTask has it: the backoff of an attempt that somebody asked for counts from when it was
        // asked for.
        conclude(delivery, entry(progress, verdict, endedAt, expedited ? attempt.scheduledAt() : endedAt));
    }

    /** An earlier process sent this attempt and did not live to write its outcome. */
    private void interrupt(Delivery delivery, Interrupted interrupted) {
        Lane lane = delivery.lane;
        Offer.Claim claim = interrupted.claim();
        try {
            Instant endedAt = clock.instant();
            AttemptHistory progress = delivery.progress.plusInterrupted(claim.scheduledAt(), claim.dispatchedAt());
            var outcome = new Outcome.Unanswered(
                    AttemptReason.Interrupted,
                    Objects.requireNonNull(progress.last()).message());
            ports.listener().attempted(lane.id, outcome, Duration.between(claim.dispatchedAt(), endedAt));
            Verdict verdict = lane.retry().after(progress, outcome, endedAt, random);
            conclude(delivery, entry(progress, verdict, endedAt, endedAt));
        } finally {
            lane.giveBack(interrupted.pass());
        }
    }

    /** @param delayedFrom what a backoff counts from */
    private static Journal.Entry entry(AttemptHistory progress, Verdict verdict, Instant endedAt, Instant delayedFrom) {
        return switch (verdict) {
            case Verdict.Finish over -> new Journal.Entry.Finished(progress, over.ending(), endedAt);
            case Verdict.RetryAfter again -> new Journal.Entry.BackingOff(progress, delayedFrom.plus(again.delay()));
        };
    }

    /** Writes what came of a delivery, once or again. */
    private void conclude(Delivery delivery, Journal.Entry entry) {
        Lane lane = delivery.lane;
        Journal.Receipt receipt = lane.isGone(delivery) ? new Journal.Receipt.TaskDeleted() : write(delivery, entry);
        lane.concluded(delivery, entry, receipt);
        if (receipt instanceof Journal.Receipt.Written && entry instanceof Journal.Entry.Finished finished) {
            ports.listener().finished(lane.id, finished.ending());
        } else {
            ports.listener().statusChanged(delivery.id());
        }
    }

    private Journal.Receipt write(Delivery delivery, Journal.Entry entry) {
        try {
            return ports.journal().write(delivery.id(), delivery.lane.id, entry);
        } catch (RuntimeException failure) {
            LOG.error("What came of Task {} could not be written; it is tried again", delivery.task, failure);
            return new Journal.Receipt.WriteRefused("the operator failed to write it; its log tells why.");
        }
    }
}

package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.simulation.world.FaultInjector.Hit;
import dev.taskqueue.operator.simulation.world.Step.Phase;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the workers, by the contract of {@link RequestSender}: once, within the deadline, and not over an open connection while the fence
 * is closed or after the request has expired.
 */
final class SimulatedSender implements RequestSender {
    private static final Outcome INTERRUPTED = unanswered(AttemptReason.Interrupted);

    private final SimulatedProcess process;
    private final Workers workers;
    private final Network network;
    private final Fence fence;
    private final FaultInjector faults;
    private boolean closed;

    SimulatedSender(SimulatedProcess process, Workers workers, Fence fence, FaultInjector faults) {
        this.process = process;
        this.workers = workers;
        this.network = workers.network();
        this.fence = fence;
        this.faults = faults;
    }

    @Override
    public Departure send(OutboundRequest request) {
        if (closed) {
            return new Departure.HeldBack("The operator stops.");
        }
        var delivery = new Delivery(request, faults.pass(process, Step.CallWorker.at(Phase.Sending)));
        Scheduler.Timer end = process.after(request.deadline(), delivery::deadline);
        try {
            return delivery.await();
        } finally {
            end.cancel();
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    private static Outcome unanswered(AttemptReason reason) {
        return new Outcome.Unanswered(reason, "The simulated worker gave no answer: " + reason + ".");
    }

    /** One request: connect, ask the fence and the clock, send, wait. */
    private final class Delivery {
        private final OutboundRequest request;
        private final @Nullable Hit hit;
        /** Empty once the connection is open; else why there is none. */
        private final Pending<Optional<Outcome>> connected = new Pending<>();

        private final Pending<Outcome> outcome = new Pending<>();

        Delivery(OutboundRequest request, @Nullable Hit hit) {
            this.request = request;
            this.hit = hit;
        }

        Departure await() {
            connect();
            Optional<Outcome> failed = await(connected, Optional.of(INTERRUPTED));
            if (failed.isPresent()) {
                return new Departure.Left(failed.get());
            }
            faults.pass(process, Step.CallWorker.at(Phase.Connected));
            if (!fence.isOpen()) {
                return new Departure.HeldBack("This process leads no more.");
            }
            Instant now = process.wall();
            if (request.isExpired(now)) {
                return new Departure.HeldBack("Its time ended before the connection was open.");
            }
            leave(now);
            return new Departure.Left(await(outcome, INTERRUPTED));
        }

        private void connect() {
            if (workers.isRefusing() || is(Fault.Kind.ConnectRefused)) {
                later(() -> connected.answer(Optional.of(unanswered(AttemptReason.ConnectionRefused))));
            } else if (!is(Fault.Kind.ConnectHangs)) {
                network.dial(process.name(), () -> later(() -> connected.answer(Optional.empty())));
            }
        }

        private boolean is(Fault.Kind kind) {
            return hit != null && hit.kind() == kind;
        }

        private void later(Runnable arrival) {
            network.scheduler().after(network.latencyToWorkers(), () -> process.ready(arrival));
        }

        /** The bytes leave; nothing stops them any more. */
        private void leave(Instant senderTime) {
            if (is(Fault.Kind.ConnectionCut)) {
                later(() -> outcome.answer(unanswered(AttemptReason.ConnectionClosed)));
                return;
            }
            network.scheduler().after(network.latencyToWorkers(), () -> {
                Workers.Arrival arrival = workers.receive(process.name(), senderTime, request);
                faults.pass(process, Step.CallWorker.at(Phase.Received));
                Workers.Reaction reaction = arrival.reaction();
                network.scheduler().after(reaction.after(), () -> {
                    workers.answered(arrival.id(), reaction);
                    answer(reaction);
                });
            });
        }

        private void answer(Workers.Reaction reaction) {
            if (reaction.code() == 0 || is(Fault.Kind.DeliveryAnswerLost)) {
                later(() -> outcome.answer(unanswered(AttemptReason.ConnectionClosed)));
                return;
            }
            Runnable arrival = () -> {
                faults.pass(process, Step.CallWorker.at(Phase.Answered));
                outcome.answer(new Outcome.Answered(reaction.code(), reaction.retryAfter(), reaction.noRetry()));
            };
            if (hit != null && hit.kind() == Fault.Kind.DeliveryLate) {
                network.scheduler().after(hit.length(), () -> process.ready(arrival));
            } else {
                later(arrival);
            }
        }

        void deadline() {
            connected.answer(Optional.of(unanswered(AttemptReason.DeadlineExceeded)));
            outcome.answer(unanswered(AttemptReason.DeadlineExceeded));
        }

        /** Only an interrupt ends the wait without a value. */
        private static <T> T await(Pending<T> pending, T interrupted) {
            try {
                return pending.await();
            } catch (IOException interrupt) {
                return interrupted;
            }
        }
    }
}

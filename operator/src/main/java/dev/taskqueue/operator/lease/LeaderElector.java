package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.lease.LeaderTerm.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the Lease, or waits for it, until {@link #close}. It watches the Lease, so that a standby sees at once when the leader gives it back, and a
 * leader sees at once when another process takes it. While the watch is silent, it reads the Lease itself.
 *
 * <p>A renewal that comes too late is no loss as long as nobody else has written the Lease meanwhile: each write carries the version that was seen,
 * so one that succeeds proves it. A lost lease is never taken again, because this process's picture of the Tasks is out of date then.
 */
public final class LeaderElector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElector.class);
    private static final Duration UNREADY_PAUSE = Duration.ofMillis(20);
    private static final int RELEASE_TRIES = 3;

    private final LeaseStore lease;
    private final LeaseRules rules;
    private final LeaseFence fence;
    private final Clocks clock;
    private final LeaderCallbacks callbacks;
    private final Sleeper sleeper;
    private final Semaphore ended = new Semaphore(0);
    private volatile @Nullable Thread thread;
    /** Watch events, consumed by the election thread. The fields below are used by that thread only. */
    private final BlockingQueue<Runnable> events;

    private ObservedLease seen = ObservedLease.NOTHING;
    private LeaseStore.@Nullable Watch watch;
    private long watchTriedAt;
    private long lastEventAt;
    private boolean started;
    /** The phase that the log has reported last. */
    private Phase loggedPhase = Phase.Standby;

    private long renewedAt;
    private String waitsFor = "";
    private final FailureStreak failures = new FailureStreak();
    private volatile boolean closed;

    /** @param events queue for events of the watch */
    LeaderElector(
            LeaseStore lease,
            LeaseRules rules,
            LeaseFence fence,
            Clocks clock,
            LeaderCallbacks callbacks,
            BlockingQueue<Runnable> events,
            Sleeper sleeper) {
        this.events = events;
        this.sleeper = sleeper;
        this.lease = lease;
        this.rules = rules;
        this.fence = fence;
        this.clock = clock;
        this.callbacks = callbacks;
    }

    /**
     * Makes an elector that begins with {@link #start}.
     *
     * @param waits how its thread waits, and random numbers that spread the time for which an expired lease of another process is left alone: up to
     *     a fifth of a period
     */
    public static LeaderElector of(
            LeaseStore lease, LeaseTerms terms, LeaseFence fence, Waits waits, LeaderCallbacks callbacks) {
        var patience = Duration.ofNanos(waits.random().nextLong(terms.period().toNanos() / 5));
        return new LeaderElector(
                lease,
                new LeaseRules(terms.holder(), terms.duration(), terms.period(), patience),
                fence,
                waits.clock(),
                callbacks,
                new LeaseEvents(waits.sleeper()),
                waits.sleeper());
    }

    /** How an election measures time and waits. */
    public record Waits(Clocks clock, Sleeper sleeper, RandomGenerator random) {}

    /**
     * It is known what the former leader left: from now on this process acts, while its term lasts. May be called from any thread, any number of
     * times.
     */
    public void tookOver() {
        if (fence.tookOver() == Phase.TakingOver && fence.isOpen()) {
            callbacks.onStartedLeading();
        }
    }

    /** Starts to take part. Returns at once. */
    public void start(ThreadFactory threads) {
        Thread own = threads.newThread(this::run);
        own.setName("lease");
        thread = own;
        own.start();
    }

    private void run() {
        try {
            boolean goesOn = true;
            while (goesOn && !closed) {
                goesOn = turn();
            }
        } catch (InterruptedException end) {
            LOG.debug("The election ends");
        } catch (RuntimeException failure) {
            LOG.error("The election failed", failure);
            lose("nothing is known: the election failed");
        } finally {
            ended.release();
        }
    }

    /** Decides what to do about the Lease and does it, or waits. Returns false when there is nothing more to do. */
    boolean turn() throws InterruptedException {
        if (!started) {
            started = true;
            lastEventAt = nanos();
            watchTriedAt = lastEventAt - rules.period().toNanos();
            look();
        }
        takeIn();
        follow();
        notice();
        LeaseDecision decision = isLeader() ? rules.leader(seen, renewedAt, nanos()) : rules.standby(seen, nanos());
        switch (decision) {
            case LeaseDecision.Wait wait -> rest(wait);
            case LeaseDecision.Renew _ -> write();
            case LeaseDecision.Acquire _ when callbacks.isReady() -> write();
            case LeaseDecision.Acquire _ -> pause(UNREADY_PAUSE);
            case LeaseDecision.Lost lost -> lose(lost.why());
        }
        return !(decision instanceof LeaseDecision.Lost);
    }

    /** Logs once that the fence has closed by itself. */
    private void notice() {
        Phase now = fence.term().phase();
        if (now == Phase.Suspended && loggedPhase != Phase.Suspended) {
            LOG.warn(
                    "Lease {} was not renewed in time: nothing is sent or written until it is, or another process leads",
                    lease.name());
        }
        loggedPhase = now;
    }

    private boolean isLeader() {
        return fence.term().isOurs();
    }

    private void rest(LeaseDecision.Wait wait) throws InterruptedException {
        if (!isLeader() && !wait.holder().equals(waitsFor)) {
            waitsFor = wait.holder();
            LOG.info("Waiting as standby for Lease {}; the leader is {}", lease.name(), waitsFor);
        }
        Duration silence = rules.period().multipliedBy(2).minusNanos(nanos() - lastEventAt);
        if (silence.isPositive()) {
            pause(min(wait.atMost(), silence));
        } else {
            look();
        }
    }

    private void write() throws InterruptedException {
        LeaderTerm.Moment sentAt = fence.now();
        switch (lease.write(rules.ours(seen.record(), clock.wall().instant()))) {
            case LeaseStore.Receipt.Written written -> {
                observe(Optional.of(written.record()));
                renewed(sentAt);
            }
            case LeaseStore.Receipt.Conflict _ -> look();
            case LeaseStore.Receipt.Unclear unclear -> complain(unclear.why());
        }
    }

    private void renewed(LeaderTerm.Moment sentAt) {
        notice();
        answered();
        renewedAt = sentAt.nanos();
        Phase before = fence.renewed(sentAt);
        if (before == Phase.Standby) {
            LOG.info("This process holds Lease {}", lease.name());
            callbacks.onElected(this::tookOver);
        } else if (before == Phase.Suspended && fence.isOpen()) {
            LOG.info("Leading again: nobody else has held Lease {} meanwhile", lease.name());
            callbacks.onStartedLeading();
        }
        callbacks.onRenewed();
    }

    private void look() throws InterruptedException {
        try {
            observe(lease.read());
            answered();
        } catch (LeaseStore.Unanswered unanswered) {
            complain(unanswered.why);
        }
    }

    private void receive(LeaseStore.Event event) {
        LeaseRecord last = seen.last();
        boolean overtaken = last != null && event.record().version() < last.version();
        if (!overtaken) {
            observe(event.isDeleted() ? Optional.empty() : Optional.of(event.record()));
        }
    }

    private void observe(Optional<LeaseRecord> record) {
        lastEventAt = nanos();
        seen = seen.plus(record.orElse(null), lastEventAt);
        record.ifPresent(lease -> callbacks.onObserved(lease.transitions()));
    }

    /** The API server has answered a request about the Lease. */
    private void answered() {
        failures.ended(nanos())
                .ifPresent(after ->
                        LOG.info("Lease {} is {} again, {}", lease.name(), isLeader() ? "renewed" : "read", after));
    }

    /** Logs the problem, but not each time, and waits a little. */
    private void complain(String why) throws InterruptedException {
        failures.failed(why, nanos())
                .ifPresent(lasting -> LOG.warn(
                        "Lease {} cannot be {}{}: {}",
                        lease.name(),
                        isLeader() ? "renewed" : "read or taken",
                        lasting,
                        why));
        pause(rules.period().dividedBy(4));
    }

    /** Waits for the given time, or until an event of the Lease. */
    private void pause(Duration atMost) throws InterruptedException {
        Runnable first = events.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            first.run();
            takeIn();
        }
    }

    /** Takes in what the watch has shown, without waiting: on a slow API server a leader renews again and again, and never waits. */
    private void takeIn() {
        for (Runnable next = events.poll(); next != null; next = events.poll()) {
            next.run();
        }
    }

    /** Opens the watch again if it has ended. A leader does so only while the next renewal is not urgent. */
    private void follow() {
        LeaseStore.Watch open = watch;
        long now = nanos();
        boolean urgent = isLeader() && now - renewedAt > rules.period().toNanos() / 2;
        if ((open != null && open.isOpen())
                || urgent
                || now - watchTriedAt < rules.period().toNanos()) {
            return;
        }
        watchTriedAt = now;
        try {
            watch = lease.watch(event -> events.add(() -> receive(event)));
        } catch (LeaseStore.Unanswered unanswered) {
            LOG.debug("Lease {} cannot be watched: {}", lease.name(), unanswered.why);
        }
    }

    private void lose(String why) {
        fence.lose();
        LOG.error("This process has lost Lease {} ({}): it sends and writes nothing any more", lease.name(), why);
        callbacks.onStoppedLeading();
    }

    /** Gives the Lease back, if this process holds it, so that the next leader need not wait. From then on only outcomes of claims are written. */
    @Override
    public void close() {
        closed = true;
        events.add(() -> {});
        try {
            boolean isEnded = thread == null || sleeper.acquire(ended, rules.duration());
            if (isLeader() && isEnded) {
                fence.release();
                release();
            }
        } catch (InterruptedException expedite) {
            Thread.currentThread().interrupt();
        }
        if (watch != null) {
            watch.close();
        }
        lease.close();
    }

    private void release() throws InterruptedException {
        for (int tries = 0; tries < RELEASE_TRIES; tries++) {
            LeaseRecord record = seen.record();
            if (record == null || !record.isHeldBy(rules.me())) {
                return;
            }
            switch (lease.write(record.released(clock.wall().instant()))) {
                case LeaseStore.Receipt.Written _ -> {
                    LOG.info("Lease {} is given back", lease.name());
                    return;
                }
                case LeaseStore.Receipt.Conflict _ -> look();
                case LeaseStore.Receipt.Unclear unclear -> complain(unclear.why());
            }
        }
        LOG.warn("Lease {} could not be given back; the next leader waits for its end", lease.name());
    }

    private long nanos() {
        return clock.monotonic().getAsLong();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}

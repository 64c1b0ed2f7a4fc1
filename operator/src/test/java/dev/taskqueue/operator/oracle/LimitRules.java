package dev.taskqueue.operator.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many requests a queue may have in flight, and how fast they may leave. While a change of the limits is not acknowledged, the larger one counts.
 *
 * <ul>
 *   <li>{@code TooManyInFlight}: "maxConcurrentDispatches counts requests in flight; never exceeded, also across limit changes". A request is in flight until it is
 *       answered, recorded or past its deadline. Exceptions: a run-now is "dispatched past limits" (and counts); a request of a lost leader without a claim
 *       "left no trace", so only claimed ones count for its successor.
 *   <li>{@code RateExceeded}: "Over any window of length t the dispatches never exceed burst + rate*t", across leaders too; "limits change live: tokens are kept, cut
 *       to the new burst". Exception: "run-now stands outside the rate's windows".
 *   <li>{@code BurstAfterFailOver}: "after a restart or a change of leader it starts empty"; the bucket of a queue that was created later starts full.
 *   <li>{@code EnforcedAboveRate}, {@code ThrottledBeyondFloor}: adaptive throttling only slows, and not below max(0.1/s, 1 % of the rate).
 *   <li>{@code ThrottledThoughDisabled}: "throttling: Disabled only stops the queue-wide slow-down".
 * </ul>
 */
final class LimitRules implements Rules {
    /** The stats of a queue are written at most every 10 s, and may lag behind its spec. */
    private static final long STATS_LAG = 60_000_000_000L;

    private static final class Usage {
        final Set<Request> open = new LinkedHashSet<>();
        /** Whose outcome is not stored yet: "its slot is held until the write is acknowledged". */
        final Set<Request> slots = new HashSet<>();

        final Bucket all = new Bucket();
        final Bucket own = new Bucket();

        @Nullable ProcessModel sender;

        String uid = "";

        /** Requests that a deleted queue of the same name may still have sent. */
        int moreForAll;

        int moreForOwn;

        /** The thaw that {@code moreForAll} and {@code moreForOwn} allow for. */
        long thawedAt = Values.ALWAYS;
    }

    /** The most tokens that a bucket can hold. */
    private static final class Bucket {
        private double tokens;
        private long at;

        void reset(double tokens, long at) {
            this.tokens = tokens;
            this.at = at;
        }

        long reaches(double level, double rate) {
            return tokens >= level ? at : at + (long) ((level - tokens) / rate * 1e9);
        }

        /** Whether a token was there; {@code slack} tokens may be missing. */
        boolean take(long now, double rate, int burst, double slack) {
            tokens = Math.min(burst, tokens + rate * Math.max(0, now - at) / 1e9) - 1;
            at = Math.max(at, now);
            boolean enough = tokens >= -slack - 1e-6;
            tokens = enough ? tokens : 0;
            return enough;
        }
    }

    private final World world;
    private final Map<String, Usage> usages = new HashMap<>();
    private int slots;

    LimitRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        QueueModel queue = world.queueOf(task);
        Usage usage = usages.computeIfAbsent(task.queue, key -> new Usage());
        if (!usage.uid.equals(queue.uid)) {
            // Until the operator knows the new queue, it sends by the bucket of the deleted one.
            usage.moreForAll = queue.formerBurst(world.now - world.wire(task.namespace));
            usage.moreForOwn = usage.moreForAll;
            usage.uid = queue.uid;
            usage.open.clear();
            slots -= usage.slots.size();
            usage.slots.clear();
            usage.all.reset(queue.latest().limits().burst(), queue.createdAt);
            usage.sender = null;
        }
        List<QueueSpec> specs = queue.since(world.now - world.wire(task.namespace));
        // A request may have been built before the operator saw the annotation: then it is counted for nobody.
        boolean outside = request.runNow || task.runNowCredit > 0 || task.touched;
        if (!outside) {
            concurrency(task, usage, specs);
            rate(task, request, queue, usage, specs);
        }
        // It may arrive after the end of its sender.
        if (request.sender.lives() && request.sender.lostAt == Values.NEVER) {
            usage.open.add(request);
            slots += usage.slots.add(request) ? 1 : 0;
        }
    }

    /** Whether the limits of a queue may make its Tasks wait now. */
    boolean limited(QueueModel queue) {
        Usage usage = usages.get(queue.key);
        QueueSpec.Limits limits = queue.latest().limits();
        return usage == null
                || usage.all.tokens < limits.burst() / 2.0
                || usage.slots.size() > limits.concurrent() / 2
                || queue.enforced < limits.rate() * 0.99;
    }

    /** When the next token is there. */
    long nextToken(QueueModel queue) {
        Usage usage = usages.get(queue.key);
        return usage == null
                ? Values.ALWAYS
                : usage.all.reaches(1, queue.latest().limits().rate());
    }

    /** When no further token has room, so that waiting means to stay below the rate. */
    long bucketFull(QueueModel queue) {
        Usage usage = usages.get(queue.key);
        QueueSpec.Limits limits = queue.latest().limits();
        return usage == null ? Values.ALWAYS : usage.all.reaches(limits.burst(), limits.rate());
    }

    /** Whether its operator may have no slot for one more. */
    boolean full(QueueModel queue) {
        Usage usage = usages.get(queue.key);
        return usage == null
                || usage.slots.size() + 1 >= queue.latest().limits().concurrent();
    }

    /** How many slots all queues have taken. */
    int slots() {
        return slots;
    }

    @Override
    public void changed(Change change) {
        if (change.outcome() || change.ends()) {
            release(change.task());
        }
    }

    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        release(task);
    }

    private void release(TaskModel task) {
        Usage usage = usages.get(task.queue);
        if (usage != null) {
            for (Request request : task.requests) {
                slots -= usage.slots.remove(request) ? 1 : 0;
            }
        }
    }

    private void concurrency(TaskModel task, Usage usage, List<QueueSpec> specs) {
        int max = 0;
        for (QueueSpec spec : specs) {
            max = Math.max(max, spec.limits().concurrent());
        }
        if (usage.open.size() < max) {
            return;
        }
        usage.open.removeIf(request -> over(request, specs));
        if (usage.open.size() < max) {
            return;
        }
        int limit = max;
        long at = world.now;
        List<Request> open = new ArrayList<>(usage.open);
        // A run-now takes no notice of the limit. It may have been decided after this request, and overtaken it.
        open.removeIf(request -> request.mayBeRunNow && request.at >= at - world.wire(task.namespace));
        Runnable judge = () -> {
            open.removeIf(request -> request.answeredAt <= at + world.late || over(request, specs));
            if (open.size() >= limit) {
                String text = open.size() + " requests were in flight already, and " + limit + " may be: "
                        + open.stream().limit(10).map(Request::toString).toList();
                world.report.violation(at, "TooManyInFlight", task, text);
            }
        };
        if (world.late == 0) {
            judge.run();
        } else {
            world.later(world.late, judge);
        }
    }

    /** Whether its operator has seen the end of a request, or may have. */
    private boolean over(Request request, List<QueueSpec> specs) {
        TaskModel task = request.task;
        TaskStatus status = task.status;
        boolean recorded = status.round() > request.round
                || (status.round() == request.round && status.roundAttempts() >= request.number)
                || status.ended();
        long deadline = Values.NEVER;
        for (QueueSpec spec : specs) {
            deadline = Math.min(deadline, Values.duration(task.spec, "dispatchDeadline", spec.dispatchDeadline()));
        }
        boolean deleted = task.gone() && world.disturbed(task.namespace, request.decidedAt);
        // Its sender counts from the decision.
        return recorded
                || deleted
                || world.now >= request.timesOutAt
                || world.now >= Values.plus(request.decidedAt, deadline);
    }

    private void rate(TaskModel task, Request request, QueueModel queue, Usage usage, List<QueueSpec> specs) {
        double rate = rate(specs);
        int burst = 0;
        for (QueueSpec spec : specs) {
            burst = Math.max(burst, spec.limits().burst());
        }
        // The bucket may have been filled at an earlier rate since the last request.
        long since = Math.min(usage.all.at, world.now - world.wire(task.namespace));
        double faster = rate(queue.since(since)) * (1 + world.settings.drift());
        double slack = world.settings.burst() + rate * world.wireWithoutFreeze(task.namespace) / 1e9;
        if (usage.thawedAt != world.thawedAt()) {
            // As many requests as the bucket holds may have got their tokens before the freeze, and leave after it.
            usage.thawedAt = world.thawedAt();
            usage.moreForAll = Math.max(0, usage.moreForAll) + burst;
            usage.moreForOwn = Math.max(0, usage.moreForOwn) + burst;
        }
        if (!usage.all.take(world.now, faster, burst, slack) && usage.moreForAll-- <= 0) {
            String text = "more than " + burst + " + " + rate + "/s * t requests of " + queue.key;
            world.violation("RateExceeded", task, text);
        }
        ProcessModel sender = request.sender;
        if (sender.ledSince == Values.NEVER || world.processes.unknown(sender)) {
            return;
        }
        if (usage.sender != sender) {
            usage.sender = sender;
            // Only a queue that no operator has served before begins with a burst.
            boolean isNew = queue.servedSince >= sender.ledSince - world.notice();
            usage.own.reset(isNew ? burst : 0, isNew ? queue.createdAt : sender.ledSince);
        }
        if (!usage.own.take(world.now, faster, burst, slack) && usage.moreForOwn-- <= 0) {
            String text = "more than " + rate + "/s since " + sender.name + " leads, "
                    + World.seconds(world.now - sender.ledSince) + " ago";
            world.violation("BurstAfterFailOver", task, text);
        }
    }

    private static double rate(List<QueueSpec> specs) {
        double rate = 0;
        for (QueueSpec spec : specs) {
            rate = Math.max(rate, spec.limits().rate());
        }
        return rate;
    }

    @Override
    public void answered(Request request) {
        Usage usage = usages.get(request.task.queue);
        if (usage != null) {
            usage.open.remove(request);
        }
    }

    /** An item of a batch has an answer: its slot is free at once. */
    void itemAnswered(Request request) {
        answered(request);
        Usage usage = usages.get(request.task.queue);
        slots -= usage != null && usage.slots.remove(request) ? 1 : 0;
    }

    @Override
    public void lost(ProcessModel process) {
        for (Usage usage : usages.values()) {
            usage.open.removeIf(request -> request.sender == process && !claimed(request));
            int before = usage.slots.size();
            usage.slots.removeIf(request -> request.sender == process);
            slots -= before - usage.slots.size();
        }
    }

    private static boolean claimed(Request request) {
        TaskStatus status = request.task.status;
        return status.claim() != null && status.claim().attempt() == status.overall(request.number) && !status.ended();
    }

    @Override
    public void queueStored(QueueModel queue, @Nullable ProcessModel by) {
        if (by == null || queue.keptStats || Double.isNaN(queue.enforced)) {
            return;
        }
        double most = 0;
        double least = Double.MAX_VALUE;
        boolean adaptive = false;
        // Beside faults the statistics of a queue may be written much later.
        long lag = world.disturbed("", world.now - world.quiet) ? world.quiet : STATS_LAG;
        for (QueueSpec spec : queue.since(world.now - lag)) {
            double rate = spec.limits().rate();
            most = Math.max(most, rate);
            least = Math.min(least, Math.min(rate, Math.max(0.1, rate / 100)));
            adaptive |= spec.adaptive();
        }
        if (queue.enforced > most * 1.01) {
            String text = queue.enforced + "/s is enforced, the rate is " + most + "/s";
            world.report.violation(world.now, "EnforcedAboveRate", queue.key, text);
        }
        if (queue.enforced < least * 0.99) {
            String text = queue.enforced + "/s is enforced, the floor is " + least + "/s";
            world.report.violation(world.now, "ThrottledBeyondFloor", queue.key, text);
        }
        if (!adaptive && queue.enforced < queue.latest().limits().rate() * 0.99 && queue.versions.size() == 1) {
            String text = queue.enforced + "/s is enforced although throttling is Disabled";
            world.report.violation(world.now, "ThrottledThoughDisabled", queue.key, text);
        }
    }
}

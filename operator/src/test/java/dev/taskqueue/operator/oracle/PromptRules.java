package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * That Tasks leave in time and in order.
 *
 * <ul>
 *   <li>{@code LateWithoutReason}: "over 60 s of backlog the mean is within 1 % of the rate", "one slow or failing queue never delays another", "wake them within a
 *       second", "run-now: dispatched at once": an attempt leaves soon after it is due, unless its queue was out of tokens or slots meanwhile, paused, slowed down by
 *       failures, or changed; unless something else in its namespace changed; and unless there was a fault of its namespace (of all of them) or another
 *       leader. A fault of another namespace is no reason: where no fault has concerned a namespace yet, its Tasks leave five times as soon. If the only fault of the run was that the API server answered nobody for a while, operators
 *       "see new Tasks, deletes and annotations" at once when it is back: goals.md has 2 s.
 *   <li>{@code RateNotReached}: "over 60 s of backlog the mean is within 1 % of the rate": while Tasks waited, its bucket was full for more than a hundredth of the
 *       time, and for longer than a due Task may take.
 *   <li>{@code OutOfOrder}: "Order inside a queue: by the attempt's own due time". A Task waited, due for long, while others left that were due later.
 *       Exceptions: it was passed once or twice only; or something has to be read for it, which takes as long as the API server does.
 * </ul>
 */
final class PromptRules implements Rules {
    private static final int DEPARTURES = 16;
    /** A Task whose body is still being read does not hold up others, so it may be passed by one or two. */
    private static final int PASSED_OFTEN = 3;

    /** What of a request the API server has to be asked for. */
    private static final List<String> READ = List.of("bodyFrom", "secretHeaders", "serviceAccountToken", "tls");

    /** Where nothing has ever disturbed a namespace. Some steps of the operator happen once a second, so it is not much stricter. */
    private static final int STRICTER = 5;

    /** By then, the first process knows its cluster, also if one namespace refuses everything. */
    private static final long START = 12_000_000_000L;

    private static final long THROTTLED = 150_000_000_000L;
    /** The kind of fault in which the API server answers nobody, and each connection with it ends. */
    private static final String OUTAGE = "RestartApiServer";

    /** From here on the bounds that all queues share may be reached: "outcomes that are not written, default 1,000". */
    private static final int SHARED = 500;

    /** What gave the Tasks of a queue a reason to wait, and which one left last. */
    private static final class Lane {
        long lastAt = Values.ALWAYS;
        long backlogSince = Values.ALWAYS;
        long wasted;
        long reasonAt = Values.ALWAYS;
        /** The last Tasks that left by the rules of the queue. */
        final ArrayDeque<Departure> departures = new ArrayDeque<>();

        void left(Departure departure) {
            departures.addLast(departure);
            if (departures.size() > DEPARTURES) {
                departures.removeFirst();
            }
        }
    }

    private record Departure(String task, long due, long at) {}

    private final World world;
    private final LimitRules limits;
    private final long prompt;
    private long busyAt = Values.ALWAYS;
    private final Map<String, Lane> lanes = new HashMap<>();

    PromptRules(World world, LimitRules limits) {
        this.world = world;
        this.limits = limits;
        prompt = world.settings.prompt().toNanos();
    }

    private Lane lane(String queue) {
        return lanes.computeIfAbsent(queue, key -> new Lane());
    }

    @Override
    public void received(TaskModel task, Request request) {
        QueueModel queue = world.queueOf(task);
        Lane lane = lane(task.queue);
        long due = due(task);
        boolean plain = !task.touched && !world.clocksSet && !waits(task) && task.lastNumber < request.number;
        if (plain) {
            judge(task, queue, lane, due);
        }
        lane.lastAt = world.now;
        occupied(task);
        if (plain && task.runNow == null) {
            lane.left(new Departure(task.key, due, world.now));
        }
    }

    private void judge(TaskModel task, QueueModel queue, Lane lane, long due) {
        long world = reason(task, queue);
        long token = Math.max(lane.reasonAt, limits.nextToken(queue));
        long late = this.world.now - Math.max(due, Math.max(world, token));
        if (late > prompt(task)) {
            String text = "it left " + World.seconds(late) + " after it was due and nothing hindered it";
            this.world.violation("LateWithoutReason", task, text);
        }
        rate(task, queue, lane, Math.max(due, Math.max(world, lane.reasonAt)));
        List<Departure> passed = lane.departures.stream()
                .filter(other -> other.due > due + prompt && other.at > Math.max(due, world) + prompt)
                .toList();
        if (passed.size() >= PASSED_OFTEN && task.runNow == null && !isRead(task)) {
            Departure last = passed.getLast();
            String text = "due " + this.world.ago(due) + ", but " + passed.size() + " others left, as " + last.task
                    + ", due " + this.world.ago(last.due) + ", " + this.world.ago(last.at);
            this.world.violation("OutOfOrder", task, text);
        }
    }

    private static boolean isRead(TaskModel task) {
        JsonNode request = task.spec.path("httpRequest");
        return READ.stream().anyMatch(request::has);
    }

    private void rate(TaskModel task, QueueModel queue, Lane lane, long ready) {
        boolean isFirst = lane.backlogSince == Values.ALWAYS;
        if (isFirst || ready >= lane.lastAt) {
            lane.backlogSince = Math.min(ready, world.now);
            lane.wasted = 0;
            return;
        }
        lane.wasted += Math.max(0, world.now - Math.max(ready, limits.bucketFull(queue)));
        long period = world.now - lane.backlogSince;
        if (lane.wasted > prompt(task) + period / 100) {
            String text = "the bucket of " + queue.key + " was full for " + World.seconds(lane.wasted)
                    + " of a backlog of " + World.seconds(period);
            world.violation("RateNotReached", task, text);
            lane.backlogSince = world.now;
            lane.wasted = 0;
        }
    }

    /** When something outside of its queue's limits last gave a Task a reason to wait. */
    private long reason(TaskModel task, QueueModel queue) {
        long fault = world.faults.lastReason(task.namespace, world.now);
        boolean isUndisturbed = world.faults.isUndisturbed(task.namespace);
        long recovered = isUndisturbed || world.faults.isOnly(OUTAGE) ? fault : Values.plus(fault, world.quiet);
        long quiet = isUndisturbed ? Math.max(recovered, world.begun() + START) : recovered;
        long changed = Math.max(queue.changedAt, world.objects.changedAt(task.namespace));
        return Math.max(Math.max(Math.max(quiet, busyAt), changed), queue.pauseWished() ? world.now : queue.createdAt);
    }

    /** How late a Task may be without a reason. */
    private long prompt(TaskModel task) {
        return world.faults.isUndisturbed(task.namespace) ? prompt / STRICTER : prompt;
    }

    private static boolean waits(TaskModel task) {
        return !task.status.accepted().isEmpty()
                || task.status.reason().startsWith("NoReady")
                || (task.status.reason().startsWith("Queue")
                        && !task.status.reason().equals("Queued"));
    }

    /** When its next attempt is due by the clock of the run. */
    private static long due(TaskModel task) {
        long due = task.status.roundAttempts() > 0 && task.round == task.status.round()
                ? Math.max(task.notBefore, task.status.nextAttempt())
                : Math.max(task.dueAt(), task.roundAt);
        boolean asked = task.runNow != null && !TaskFacts.same(task.runNow, task.status.handledRunNow());
        return asked ? Math.min(due, task.runNowSetAt) : due;
    }

    /** Failures may slow the whole queue down; it recovers step by step. */
    @Override
    public void answered(Request request) {
        if (request.code == 429 || request.code >= 500) {
            lane(request.task.queue).reasonAt = Math.max(lane(request.task.queue).reasonAt, throttledUntil(request));
        }
    }

    /** A slot may become free now. */
    @Override
    public void changed(Change change) {
        if (change.outcome() || change.ends()) {
            occupied(change.task());
        }
    }

    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        occupied(task);
    }

    private void occupied(TaskModel task) {
        if (limits.full(world.queueOf(task))) {
            Lane lane = lane(task.queue);
            lane.reasonAt = Math.max(lane.reasonAt, world.now);
        }
        if (limits.slots() >= SHARED) {
            busyAt = world.now;
        }
    }

    private long throttledUntil(Request request) {
        return world.queueOf(request.task).latest().adaptive() ? world.now + THROTTLED : world.now;
    }
}

package dev.taskqueue.operator.oracle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a Task may be sent, and by whom.
 *
 * <ul>
 *   <li>{@code DispatchedEarly}: "before scheduleTime"; "{@code delay} counts from the moment of creation: never early". Both are compared with the sender's
 *       wall clock; a delay is also over when it has passed by the clock of the run, because people may set a wall clock.
 *   <li>{@code DispatchedAfterExpiry}: "expireTime: not dispatched after it".
 *   <li>{@code DispatchedAfterEnd}: "Never dispatched: after a terminal status was acknowledged". A redrive of a Failed Task starts it again. Exception: somebody
 *       else wrote the end while the sender led already (a late write of a former leader, an edit by people): then it counts once the sender must have seen it.
 *   <li>{@code DispatchedAfterDeletion}: "Deleting it cancels it". Exception: what left before the sender must have seen it, since the watch brings deletions.
 *   <li>{@code DispatchedWhilePaused}: "Paused: no dispatch, in-flight attempts finish", once the status of the queue shows it. Exception: run-now is
 *       "dispatched at once, past limits, schedule and pause".
 *   <li>{@code DispatchedWithoutQueue}: "A Task of a missing queue waits", once the sender must have seen that the queue is gone.
 *   <li>{@code DispatchedWithoutRight}: "after the lease was lost"; after SIGTERM "stop taking"; never by a process that is frozen or has ended.
 *   <li>{@code ClaimIgnored}: "The successor counts those claims as in flight and leaves them alone until their deadline". Exception: nobody that was asked to
 *       stop outlives its grace period, so a claim also ends one grace period after the take-over.
 *   <li>{@code ReleasedWithoutClaim}: "SIGTERM: what is still in flight after a second gets its claim written; release the lease". In flight is also what has an
 *       answer and no outcome in status. Exception: the API server refuses these writes; of single ones no fact says so.
 *   <li>{@code DispatchedInvalid}: "InvalidSpec ends the Task"; a Task with another end by its spec alone is not sent either: {@code AlreadyCompleted}.
 * </ul>
 */
final class DeliveryRules implements Rules {
    /** So many outcomes may have been refused one by one. */
    private static final int REFUSED = 2;

    private final World world;
    private final long lease;
    private final long grace;

    DeliveryRules(World world) {
        this.world = world;
        lease = world.settings.lease().toNanos();
        grace = world.settings.grace().toNanos();
    }

    @Override
    public void received(TaskModel task, Request request) {
        long decided = world.now - world.wire(task.namespace);
        right(task, request, decided);
        end(task, request, decided);
        queue(task, request, decided);
        early(task, request);
        expired(task, request, world.wireAfterExpiryCheck(task.namespace));
        claim(task, request);
    }

    private void right(TaskModel task, Request request, long decided) {
        if (world.processes.unknown(request.sender)) {
            return;
        }
        String whyNot = request.sender.whyNot(decided, world.letGoAt(request), lease, world.processes.election());
        if (whyNot.isEmpty()) {
            return;
        }
        // A real process may be stopped between its last question and the wire; a simulated one is not.
        if (world.late > 0 && request.sender.thawedAt >= decided && request.sender.lostAt >= decided) {
            world.report.count("excused:sent at the thaw");
        } else {
            world.violation("DispatchedWithoutRight", task, "sent by " + request.sender.name + ", but " + whyNot);
        }
    }

    private void end(TaskModel task, Request request, long decided) {
        if (task.gone() && tooLate(world, request.sender, task.namespace, task.deletedAt, task.deletedBy)) {
            String text = "sent by " + request.sender.name + " although it was deleted " + world.ago(task.deletedAt);
            world.violation("DispatchedAfterDeletion", task, text);
        }
        boolean redriven = task.round > task.status.round();
        if (!task.status.ended() || redriven || task.touched || task.endedAt >= decided) {
            return;
        }
        if (tooLate(world, request.sender, task.namespace, task.endedAt, task.endedBy)) {
            String text = "sent by " + request.sender.name + " although " + task.status.state() + " was stored "
                    + world.ago(task.endedAt) + " by " + (task.endedBy == null ? "people" : task.endedBy.name);
            world.violation("DispatchedAfterEnd", task, text);
        }
    }

    /** Whether a process must not send any more because of something stored at a time. What it stored itself and what was stored before it led, it knows. */
    static boolean tooLate(World world, ProcessModel sender, String namespace, long at, @Nullable ProcessModel by) {
        if (at >= world.now - world.wire(namespace)) {
            return false;
        }
        boolean own = by == sender;
        boolean before = sender.ledSince != Values.NEVER && at < sender.ledSince - world.late;
        return own || before || world.mustKnow(sender, namespace, at);
    }

    private void queue(TaskModel task, Request request, long decided) {
        QueueModel queue = world.queueOf(task);
        if (!queue.exists) {
            if (queue.deletedAt != Values.NEVER && world.mustKnow(request.sender, task.namespace, queue.deletedAt)) {
                String text = "its queue was deleted " + world.ago(queue.deletedAt);
                world.violation("DispatchedWithoutQueue", task, text);
            }
            return;
        }
        boolean over = queue.holdUntil != Values.NEVER
                && !queue.latest().paused()
                && request.latestWall + world.clock >= queue.holdUntil;
        if (queue.pausedSince < decided && !over && !outOfTurn(task, request)) {
            world.violation(
                    "DispatchedWhilePaused",
                    task,
                    "its queue shows since " + world.ago(queue.pausedSince) + " a pause");
        }
    }

    /** Uses up a run-now. A process that finds the value unhandled, because the former one ended, may act on it once more. */
    static boolean outOfTurn(TaskModel task, Request request) {
        if (request.runNow) {
            return true;
        }
        boolean unhandled = task.runNow != null && !task.runNow.equals(task.status.handledRunNow());
        boolean again = task.runNowBy != null && task.runNowBy != request.sender && unhandled;
        if (task.runNowCredit == 0 && !again && !task.touched) {
            return false;
        }
        task.runNowCredit = Math.max(0, task.runNowCredit - 1);
        task.runNowBy = request.sender;
        request.runNow = true;
        return true;
    }

    private void early(TaskModel task, Request request) {
        if (task.round > 1 || task.status.dispatches() > 0) {
            return;
        }
        // What the sender's clock may have shown when the Task was created.
        long offset = request.earliestWall - world.now;
        long due = task.due(offset);
        boolean byDelay = Values.time(task.spec, "scheduleTime", Values.ALWAYS) == Values.ALWAYS;
        // A delay is measured by the clock of the sender, which drifts.
        long drifted = byDelay ? (long) ((world.now - task.createdAt) * world.settings.drift()) : 0;
        // A Task that was due before somebody set the clock back stays due.
        boolean passed = ((byDelay || world.clocksSet) && world.now >= task.dueAt() - world.clock - drifted)
                || request.sender.hadShown(task.dueAt() - world.clock, task.createdAt);
        // A delay counts from the creation by the clock of the API server. A process whose own clock was set knows
        // the difference only after the next answer, and one of up to 5 s counts as none.
        boolean isUnsure = byDelay && world.clocksSet;
        if (request.latestWall + world.clock < due && !isUnsure && !passed && !outOfTurn(task, request)) {
            String text = "its first attempt left " + World.seconds(due - request.latestWall)
                    + " too early by the clock of " + request.sender.name;
            world.violation("DispatchedEarly", task, text);
        }
    }

    private void expired(TaskModel task, Request request, long wire) {
        long expires = task.expires();
        if (expires != Values.NEVER && request.earliestWall - wire - world.clock > expires) {
            String text = "left " + World.seconds(request.earliestWall - expires) + " after its expireTime";
            world.violation("DispatchedAfterExpiry", task, text);
        }
        // Its header tells when it was let go, by the same clock, however long it was on its way after that. The
        // queue's deadline may be another one by now.
        long letGo = task.spec.has("dispatchDeadline") ? world.letGoBySender() : Values.NEVER;
        if (expires != Values.NEVER && letGo != Values.NEVER && letGo - world.late - world.clock > expires) {
            String text = "was let go " + World.seconds(letGo - expires) + " after its expireTime";
            world.violation("DispatchedAfterExpiry", task, text);
        }
        if (task.status.dispatches() == 0
                && (task.status.reason().equals("InvalidSpec")
                        || task.status.reason().equals("AlreadyCompleted"))
                && task.status.ended()) {
            world.violation("DispatchedInvalid", task, "it ended as " + task.status.reason());
        }
    }

    private void claim(TaskModel task, Request request) {
        if (claimed(task, request.sender, request.latestWall)) {
            world.violation("ClaimIgnored", task, "sent by " + request.sender.name + ", but " + claim(task));
        }
    }

    private static String claim(TaskModel task) {
        TaskStatus.Claim claim = task.status.claim();
        return claim == null
                ? ""
                : "attempt " + claim.attempt() + " of " + claim.holder() + " is claimed until "
                        + Values.instant(claim.deadline());
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        ProcessModel by = change.by();
        boolean concludes = change.outcome() || change.ends();
        if (by != null && concludes && claimed(task, by, by.wall(world.now, null, world.write(task.namespace))[1])) {
            world.violation("ClaimIgnored", task, "concluded by " + by.name + ", but " + claim(task));
        }
    }

    @Override
    public void lost(ProcessModel process) {
        boolean released = process.lives() && process.stoppingAt <= world.now && process.releasedAt == world.now;
        // At the end of the grace period the Lease is given back in any case.
        if (!released || world.now >= process.stoppingAt + grace - world.notice()) {
            return;
        }
        List<Request> answered = new ArrayList<>();
        for (TaskModel task : world.tasks.values()) {
            Request request = task.requests.peekLast();
            if (request == null || request.sender != process || !isUnwritten(task, request)) {
                continue;
            }
            if (request.answered()) {
                answered.add(request);
            } else {
                released(process, request, "is in flight");
            }
        }
        if (answered.size() > REFUSED) {
            answered.forEach(request -> released(process, request, "has no outcome in status"));
        }
    }

    private void released(ProcessModel process, Request request, String what) {
        String text = process.name + " gave the Lease back; attempt " + request.number + ' ' + what;
        world.violation("ReleasedWithoutClaim", request.task, text);
    }

    /** Whether status has neither the outcome nor the claim of an attempt that was sent before SIGTERM. */
    private boolean isUnwritten(TaskModel task, Request request) {
        TaskStatus status = task.status;
        boolean old = request.at < request.sender.stoppingAt;
        boolean open = !task.gone() && !status.ended() && request.round == status.round();
        boolean recorded = status.roundAttempts() >= request.number
                || (status.claim() != null && status.claim().attempt() >= status.overall(request.number));
        long refused = world.faults.lastOnlyIn(task.namespace, world.now);
        return old && open && !recorded && !task.touched && refused < world.now - world.write(task.namespace);
    }

    /** Whether a claim of another process, which a process must know, is not over yet, neither by its holder's clock nor by the other's. */
    private boolean claimed(TaskModel task, ProcessModel process, long wall) {
        TaskStatus.Claim claim = task.status.claim();
        ProcessModel holder = task.claimedBy;
        if (claim == null || holder == null || holder == process || task.touched) {
            return false;
        }
        boolean open = claim.attempt() > task.status.dispatches() && !task.status.ended();
        boolean known = process.ledSince != Values.NEVER && task.claimedAt < process.ledSince;
        boolean over = wall + world.clock >= claim.deadline()
                || holder.wall(world.now, null, 0)[1] + world.clock >= claim.deadline()
                || world.now + world.clock >= process.ledSince + grace;
        return open && known && !over;
    }
}

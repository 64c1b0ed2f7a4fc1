package dev.taskqueue.operator.oracle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people ask for by annotations and {@code purgeBefore} happens once.
 *
 * <ul>
 *   <li>{@code RedriveUnasked}: a new round needs a Failed Task, and a value on it or on its queue that started no round of it yet: "a value acted on is never
 *       acted on again, also after a restart". {@code RoundSkipped}: one value starts one round. {@code RoundFell}: rounds only go on.
 *   <li>{@code RedriveNotDone}, {@code QueueRedriveNotDone}, {@code QueueRedriveMissed}: a Failed Task with a new value starts again; a queue's order ends, and by
 *       then every Task that had failed before it has started again. Exception: a Task that ended as InvalidSpec or AlreadyCompleted may end so again at once.
 *   <li>{@code RedriveLost}: a Failed Task with a new value is not collected. Whoever deletes it has read the value, because the delete has the version. Judged where
 *       it is known when the delete was sent.
 *   <li>{@code OrderNotRecorded}: who writes a claim, an outcome or an end has seen the annotations of the version that it writes over, so status names their
 *       values from then on: "a value acted on is never acted on again, also after a restart".
 *   <li>{@code RunNowTwice}: is seen as an attempt before its time, see {@link DeliveryRules} and {@link BackoffRules}. {@code RunNowNotDone}: an open Task that
 *       nothing hinders was not sent since the value was set.
 *   <li>{@code PurgeCutoffLate}: "cutoff = the earlier of purgeBefore and the moment it was first seen". {@code PurgeNotDone}: the purge does not end.
 *       {@code PurgeMissed}: an unfinished Task that was created strictly earlier is still there.
 * </ul>
 */
final class OperationRules implements Rules {
    private final World world;
    private final Obstacles obstacles;

    OperationRules(World world, Obstacles obstacles) {
        this.world = world;
        this.obstacles = obstacles;
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        recorded(change, "run-now", task.runNow, change.after().handledRunNow());
        recorded(change, "redrive", task.redrive, change.after().handledRedrive());
        int before = change.before().round();
        int after = change.after().round();
        if (before == after || task.touched) {
            return;
        }
        String text = "round " + before + " -> " + after + ", it was "
                + change.before().state();
        if (after < before) {
            world.violation("RoundFell", task, text);
        } else if (after > before + 1) {
            world.violation("RoundSkipped", task, text);
        } else if (!change.before().failed() || !task.isRedrivePending(world)) {
            world.violation("RedriveUnasked", task, text);
        } else {
            world.report.count("redriven");
        }
    }

    private void recorded(Change change, String order, @Nullable String value, @Nullable String handled) {
        TaskStatus before = change.before();
        TaskStatus after = change.after();
        boolean isAttempt = after.dispatches() > before.dispatches()
                || (after.claim() != null && !after.claim().equals(before.claim()));
        boolean isEnd = after.ended() && !before.ended();
        if (change.by() != null
                && (isAttempt || isEnd)
                && value != null
                && !TaskFacts.same(value, handled)
                && !change.task().touched) {
            String text = order + " " + value + " is set, and the status that was written names " + handled;
            world.violation("OrderNotRecorded", change.task(), text);
        }
    }

    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        boolean pending = task.status.failed() && task.redriveCredit > 0 && task.redriveSetAt != Values.NEVER;
        boolean known = world.sentAt != Values.NEVER && task.redriveSetAt < world.sentAt;
        if (by != null && pending && known && !task.touched) {
            String text = "deleted by " + by.name + "; redrive was set " + world.ago(task.redriveSetAt);
            world.violation("RedriveLost", task, text);
        }
    }

    @Override
    public void queueStored(QueueModel queue, @Nullable ProcessModel by) {
        // After a step of its own clock, a process knows the clock of the API server only after the next answer.
        if (by == null || queue.purgeCutoff == Values.ALWAYS || world.clocksSet) {
            return;
        }
        long value = Values.parseTime(queue.purgeValue, Values.NEVER);
        long wall = by.wall(world.now, null, world.write(queue.namespace))[1];
        // The cutoff goes by the clock of the API server, which may differ from the writer's.
        long latest = Math.min(value, Math.max(wall, world.now) + 1_000_000_000 + world.clock);
        if (queue.purgeCutoff > latest) {
            String text = "the cutoff is " + Values.instant(queue.purgeCutoff) + ", the value " + queue.purgeValue;
            world.report.violation(world.now, "PurgeCutoffLate", queue.key, text);
        }
    }

    @Override
    public void end() {
        for (QueueModel queue : world.queues.values()) {
            if (queue.exists && calm(queue)) {
                ordersDone(queue);
            }
        }
    }

    /** Nothing has happened to the queue or the world for the quiet time. */
    private boolean calm(QueueModel queue) {
        long since = world.now - world.quiet;
        return obstacles.judged() && queue.changedAt < since;
    }

    private void ordersDone(QueueModel queue) {
        List<QueueModel.Order> orders = queue.ownOrders();
        if ((!orders.isEmpty() && !queue.redriveValue.equals(orders.getLast().value))
                || (!queue.redriveValue.isEmpty() && queue.redriveCompleted == Values.ALWAYS)) {
            String text = "redrive " + queue.redriveValue + " did not end";
            world.report.violation(world.now, "QueueRedriveNotDone", queue.key, text);
        }
        long purge = queue.latest().purgeBefore();
        if (purge != Values.ALWAYS
                && (queue.purgeCompleted == Values.ALWAYS
                        || Values.parseTime(queue.purgeValue, Values.NEVER) != purge)) {
            String text = "purge " + Values.instant(purge) + " did not end: " + queue.purgeValue;
            world.report.violation(world.now, "PurgeNotDone", queue.key, text);
        }
    }

    @Override
    public void judged(TaskModel task) {
        QueueModel queue = world.queueOf(task);
        if (task.gone() || task.touched || !queue.exists || !calm(queue)) {
            return;
        }
        if (task.status.failed()) {
            redriven(task, queue);
        } else if (!task.status.ended()) {
            purged(task, queue);
            ranNow(task);
        }
    }

    private void redriven(TaskModel task, QueueModel queue) {
        if (task.status.reason().equals("InvalidSpec") || task.status.reason().equals("AlreadyCompleted")) {
            return;
        }
        if (task.redriveCredit > 0 && task.redriveSetAt < world.now - world.quiet) {
            world.violation("RedriveNotDone", task, "redrive was set " + world.ago(task.redriveSetAt));
        }
        for (QueueModel.Order order : queue.ownOrders()) {
            boolean isDone = order.completedAt != Values.NEVER && task.endedAt + world.notice() < order.setAt;
            // Which Tasks had failed before is told by times that a leader wrote.
            if (isDone && !world.clocksSet) {
                String text = "it failed " + world.ago(task.endedAt) + ", before redrive " + order.value;
                world.violation("QueueRedriveMissed", task, text);
            }
        }
    }

    /** What is redriven after the purge has begun had ended before it, so the purge is not for it. */
    private void purged(TaskModel task, QueueModel queue) {
        boolean before = task.creationTimestamp < queue.latest().purgeBefore()
                && task.roundAt < queue.purgeToldAt
                && task.creationTimestamp < queue.purgeCutoff
                && queue.purgeCompleted != Values.ALWAYS;
        if (before && task.createdAt < world.now - world.quiet) {
            String text = "created " + Values.instant(task.creationTimestamp) + ", cutoff "
                    + Values.instant(queue.purgeCutoff);
            world.violation("PurgeMissed", task, text);
        }
    }

    private void ranNow(TaskModel task) {
        Request last = task.requests.peekLast();
        boolean sentSince = last != null && last.at >= task.runNowSetAt;
        boolean old = task.runNowSetAt < world.now - world.quiet;
        boolean handled = TaskFacts.same(task.runNow, task.status.handledRunNow());
        if (task.runNow != null
                && !handled
                && !sentSince
                && old
                && obstacles.ofRequest(task).isEmpty()) {
            world.violation("RunNowNotDone", task, "run-now was set " + world.ago(task.runNowSetAt));
        }
    }
}

package dev.taskqueue.operator.oracle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a failed Task is tried again.
 *
 * <p>{@code RetriedEarly}: "interval(n), counted from the <b>end</b> of the failed attempt", never shorter, also with jitter and {@code Retry-After}. The end of
 * an attempt is known from its worker where the status has the worker's code, and from its deadline after a timeout; otherwise it was not before the request was
 * received. The same process measures by the monotonic clock; another one goes by {@code nextAttemptTime} and its own wall clock. A run-now ignores it.
 */
final class BackoffRules implements Rules {
    private final World world;

    BackoffRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        if (task.notBefore == Values.ALWAYS
                || world.now + world.clock + world.late >= task.notBefore
                || task.touched
                || task.round > task.status.round()) {
            return;
        }
        boolean other = request.sender != task.backoffBy;
        if (other && request.latestWall + world.clock >= task.status.nextAttempt()) {
            return;
        }
        if (!DeliveryRules.outOfTurn(task, request)) {
            String text = "attempt " + request.number + " left " + World.seconds(task.notBefore - world.now)
                    + " before the end of its backoff";
            world.violation("RetriedEarly", task, text);
        }
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        TaskStatus after = change.after();
        if (!change.outcome() || after.ended() || after.round() < task.round) {
            return;
        }
        int number = after.roundAttempts();
        Request request = task.request(number);
        long since = request == null ? world.now - world.write(task.namespace) : request.decidedAt;
        long interval = Values.NEVER;
        long deadline = Values.NEVER;
        List<QueueSpec> specs = world.queueOf(task).since(since);
        for (QueueSpec spec : specs) {
            interval = Math.min(interval, spec.retry().interval(Math.max(1, number)));
            deadline = Math.min(deadline, Values.duration(task.spec, "dispatchDeadline", spec.dispatchDeadline()));
        }
        long slack = (long) (interval * world.settings.drift()) + 1_000_000;
        long end = request == null ? task.notBefore : end(request, after.last(), deadline);
        if (request != null && request.mayBeRunNow) {
            // Its backoff counts from the request of the person, as with RunTask of Cloud Tasks.
            end = Math.min(end, request.runNowSetAt);
        }
        task.notBefore = Values.plus(end, Math.max(0, interval - slack));
        task.backoffBy = change.by();
    }

    /** The earliest time at which an attempt can have ended, as its sender saw it. */
    private static long end(Request request, TaskStatus.@Nullable Last last, long deadline) {
        if (last != null && last.code() > 0 && request.code == last.code()) {
            return request.answeredAt;
        }
        return last != null && last.reason().equals("DeadlineExceeded")
                ? Values.plus(request.decidedAt, deadline)
                : request.decidedAt;
    }
}

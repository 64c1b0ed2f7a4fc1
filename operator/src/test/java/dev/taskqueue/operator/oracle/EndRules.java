package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a Task ends, and that it stays ended.
 *
 * <ul>
 *   <li>{@code EndUndone}, {@code EndChanged}: a terminal state changes only by redrive, which is for Failed Tasks. Exception: people edit status.
 *   <li>{@code FinishedWrong}: "{@code Finished=True} in every terminal state", and in no other.
 *   <li>{@code SucceededWithoutSuccess}: "2xx is success. Everything else fails the attempt".
 *   <li>{@code SuccessNotTaken}: an attempt that is recorded with 2xx ends the Task.
 *   <li>{@code GivenUpEarly}, {@code NotGivenUp}: "Giving up, checked after a failed attempt", by the limits of some spec that may have been in force; for a Task
 *       that goes on, by none of them. {@code maxRetryDuration} follows wall clocks, so it is judged only in runs where nobody set one.
 *   <li>{@code NotNonRetryable}: {@code NonRetryable} needs an HTTP answer; the header that asks for it cannot be seen.
 *   <li>{@code ExpiredEarly}: Expired needs that expireTime has passed for its writer, or {@code retention.unfinished} since it was first due.
 *   <li>{@code InvalidAfterAttempt}, {@code InvalidWithoutProof}: InvalidSpec is "only for what the spec alone proves", so before any attempt, and not if every time can
 *       be read and there is neither {@code json} nor a header.
 *   <li>{@code CompletedWithoutMark}: AlreadyCompleted needs the annotation {@code taskqueue.dev/completed}.
 *   <li>{@code UnknownReason}: each end has one of the reasons of the contract.
 *   <li>{@code OperatorChangedSpec}: "The operator never writes spec or labels".
 * </ul>
 */
final class EndRules implements Rules {
    private final World world;

    EndRules(World world) {
        this.world = world;
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        if (change.object().path("metadata").path("generation").asLong(1) > 1) {
            world.violation("OperatorChangedSpec", task, "its generation is not 1");
        }
        if (change.after().equals(change.before()) || task.touched) {
            return;
        }
        monotone(change);
        if (change.after().finished() != change.after().ended()) {
            world.violation(
                    "FinishedWrong",
                    task,
                    change.after().state() + ", Finished=" + change.after().finished());
        }
        if (change.ends()) {
            ended(change);
        } else if (change.outcome()) {
            goesOn(change);
        }
    }

    private void monotone(Change change) {
        TaskStatus before = change.before();
        TaskStatus after = change.after();
        if (!before.ended() || after.round() > before.round()) {
            return;
        }
        boolean redriven = before.failed() && change.task().isRedrivePending(world);
        String text =
                before.state() + " (" + before.reason() + ") became " + after.state() + " (" + after.reason() + ")";
        if (!after.ended() && !redriven) {
            world.violation("EndUndone", change.task(), text);
        }
        boolean same = after.state().equals(before.state())
                && after.reason().equals(before.reason())
                && after.completed() == before.completed()
                && after.dispatches() == before.dispatches();
        if (after.ended() && !same) {
            world.violation("EndChanged", change.task(), text);
        }
    }

    private void ended(Change change) {
        TaskModel task = change.task();
        TaskStatus after = change.after();
        switch (after.reason()) {
            case "Delivered" -> world.later(world.late, () -> delivered(task, after));
            case "RetriesExhausted" -> exhausted(change);
            case "NonRetryable" -> {
                TaskStatus.Last last = after.last();
                if (last == null || last.code() == 0 || last.code() / 100 == 2) {
                    world.violation("NotNonRetryable", task, "its last attempt is " + last);
                }
            }
            case "Expired" -> expired(change);
            case "InvalidSpec" -> {
                if (after.roundAttempts() > 0) {
                    world.violation("InvalidAfterAttempt", task, "after " + after.roundAttempts() + " attempts");
                }
                if (isPlain(task.spec)) {
                    world.violation("InvalidWithoutProof", task, "every part of its spec can be understood");
                }
            }
            case "AlreadyCompleted" -> {
                if (task.completedAtCreation == null && task.completedMark == null) {
                    world.violation("CompletedWithoutMark", task, "it has no annotation that says so");
                }
            }
            default -> world.violation("UnknownReason", task, after.state() + " with the reason " + after.reason());
        }
        boolean right = after.succeeded()
                ? after.reason().equals("Delivered") || after.reason().equals("AlreadyCompleted")
                : !after.reason().equals("Delivered");
        if (!right) {
            world.violation("UnknownReason", task, after.state() + " with the reason " + after.reason());
        }
    }

    /** Whether the spec has only what is known here to be right. */
    private static boolean isPlain(JsonNode spec) {
        JsonNode request = spec.path("httpRequest");
        return isReadable(spec, "scheduleTime")
                && isReadable(spec, "expireTime")
                && !request.has("json")
                && !request.has("headers");
    }

    private static boolean isReadable(JsonNode spec, String field) {
        return !spec.has(field) || Values.parseTime(spec.path(field).asText(), Values.ALWAYS) != Values.ALWAYS;
    }

    private void delivered(TaskModel task, TaskStatus after) {
        for (Request request : task.requests) {
            boolean last = request.number == after.roundAttempts() && request.round == after.round();
            if (last && (request.succeeded() || (request.code == Request.UNKNOWN && world.late > 0))) {
                return;
            }
        }
        String text = "no worker answered its attempt " + after.roundAttempts() + " with 2xx";
        world.violation("SucceededWithoutSuccess", task, text);
    }

    private void exhausted(Change change) {
        TaskModel task = change.task();
        int attempts = change.after().roundAttempts();
        long first = task.firstAttempt == Values.NEVER ? task.createdAt : task.firstAttempt;
        // It counts from when the sender let it go, and a process may have been frozen before the worker saw it.
        JsonNode status = change.object().path("status");
        long only = attempts == 1 ? Values.time(status.path("lastAttempt"), "dispatchTime", first) : first;
        first = Math.min(first, Values.time(status.path("firstAttempt"), "dispatchTime", only));
        long age = world.clocksSet ? Values.NEVER : world.now - first + world.wire(task.namespace);
        for (QueueSpec spec : specs(task, attempts)) {
            if (spec.retry().exhausted(attempts, age)) {
                return;
            }
        }
        String text = "given up after " + attempts + " attempts by "
                + world.queueOf(task).latest().retry();
        world.violation("GivenUpEarly", task, text);
    }

    private List<QueueSpec> specs(TaskModel task, int attempts) {
        @Nullable Request request = task.request(attempts);
        long since = request == null ? world.now - world.write(task.namespace) : request.at;
        return world.queueOf(task).since(since - world.wire(task.namespace));
    }

    private void goesOn(Change change) {
        TaskModel task = change.task();
        TaskStatus after = change.after();
        int code = after.last() == null ? 0 : after.last().code();
        if (code / 100 == 2) {
            world.violation("SuccessNotTaken", task, "its last attempt has the code " + code + ", and it goes on");
        }
        int attempts = after.roundAttempts();
        Request request = task.request(attempts);
        boolean known = !world.clocksSet && request != null && task.firstAttempt != Values.NEVER;
        // A first attempt that left no trace does not count.
        JsonNode status = change.object().path("status");
        long alone = Values.time(status.path("lastAttempt"), "dispatchTime", task.firstAttempt);
        long recorded = Values.time(status.path("firstAttempt"), "dispatchTime", alone);
        long first = Math.max(task.firstAttempt, recorded);
        long age = known && request != null ? Math.max(0, request.at - first - world.wire(task.namespace)) : 0;
        boolean exhausted = true;
        boolean nonRetryable = true;
        for (QueueSpec spec : specs(task, attempts)) {
            exhausted &= spec.retry().exhausted(attempts, age);
            nonRetryable &= spec.retry().nonRetryable().contains(code);
        }
        if ((exhausted || nonRetryable) && world.queueOf(task).exists) {
            String text = "attempt " + attempts + " (code " + code + ") was the last by "
                    + world.queueOf(task).latest().retry();
            world.violation("NotGivenUp", task, text);
        }
    }

    private void expired(Change change) {
        TaskModel task = change.task();
        ProcessModel by = change.by();
        long latest = by == null ? Values.NEVER : by.wall(world.now, null, world.write(task.namespace))[1];
        if (world.clocksSet || latest + world.clock + world.drifted() >= task.expires()) {
            return;
        }
        long due = Math.min(task.dueAt(), task.due(0) == Values.ALWAYS ? task.createdAt : task.due(0));
        long shortest = Values.NEVER;
        for (QueueSpec spec : world.queueOf(task).since(world.now - world.write(task.namespace))) {
            shortest = Math.min(shortest, spec.retention().unfinished());
        }
        // Creation times are cut to whole seconds.
        if (Math.max(latest, world.now) + 1_000_000_000 < Values.plus(due, shortest)) {
            world.violation("ExpiredEarly", task, "by the clock of its writer it is " + Values.instant(latest));
        }
    }
}

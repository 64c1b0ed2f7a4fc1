package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What an outcome says about its attempt.
 *
 * <ul>
 *   <li>{@code ReasonWrong}: the reasons of {@code lastAttempt} follow from the status code; without one there is a reason for that.
 *   <li>{@code CountsWrong}: responseCount counts HTTP answers, executionCount those outside 5xx. Exception: an answer that was too large to be read.
 *   <li>{@code InterruptedWithoutLoss}: "an attempt that had a claim and no outcome counts as an attempt, reason Interrupted": only a later process says so.
 *   <li>{@code NextAttemptWrong}: "count, result and next due time together": nextAttemptTime is the answer's time and the interval, at most the jitter more;
 *       "Retry-After is honoured on 429/503, never earlier than the computed backoff, capped at maxBackoff". A Task that backs off has one, one that ended has none.
 *   <li>{@code AttemptTimesWrong}: scheduleTime, dispatchTime and responseTime are in this order, and the worker received it after dispatchTime. Not judged if
 *       somebody set a clock; a run-now leaves before its schedule time.
 * </ul>
 */
final class RecordRules implements Rules {
    private static final long MILLISECOND = 1_000_000;

    private final World world;

    RecordRules(World world) {
        this.world = world;
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        TaskStatus after = change.after();
        if (task.touched || after.equals(change.before())) {
            return;
        }
        boolean next = after.nextAttempt() != Values.ALWAYS;
        if ((after.state().equals("BackingOff") && !next) || (after.ended() && next)) {
            world.violation(
                    "NextAttemptWrong", task, after.state() + (next ? " with" : " without") + " nextAttemptTime");
        }
        TaskStatus.Last last = after.last();
        if (!change.outcome() || last == null) {
            return;
        }
        if (!reasonOf(last.code(), last.reason())) {
            world.violation("ReasonWrong", task, last.toString());
        }
        counts(change, last);
        interrupted(change, last);
        times(change);
        if (next) {
            nextAttempt(change, last);
        }
    }

    private static boolean reasonOf(int code, String reason) {
        return switch (reason) {
            case "Delivered" -> code / 100 == 2;
            case "Unavailable" -> code == 503;
            case "TooManyRequests" -> code == 429;
            case "ServerError" -> code / 100 == 5 && code != 503;
            case "ClientError" -> code / 100 == 4 && code != 429;
            case "Redirect" -> code / 100 == 3;
            case "UnexpectedStatus" -> code > 0 && (code < 200 || code > 599);
            case "ResponseTooLarge" -> true;
            case "DeadlineExceeded",
                    "ConnectionRefused",
                    "ConnectionClosed",
                    "ConnectFailed",
                    "TLSFailed",
                    "Interrupted" -> code == 0;
            default -> false;
        };
    }

    private void counts(Change change, TaskStatus.Last last) {
        int answered = last.code() > 0 ? 1 : 0;
        int executed = last.code() > 0 && last.code() / 100 != 5 ? 1 : 0;
        boolean right = change.after().responses() - change.before().responses() == answered
                && change.after().executions() - change.before().executions() == executed;
        if (!right && !last.reason().equals("ResponseTooLarge")) {
            String text = "responses " + change.before().responses() + " -> "
                    + change.after().responses() + ", executions "
                    + change.before().executions() + " -> " + change.after().executions() + ", " + last;
            world.violation("CountsWrong", change.task(), text);
        }
    }

    private void interrupted(Change change, TaskStatus.Last last) {
        if (!last.reason().equals("Interrupted")) {
            return;
        }
        TaskStatus.Claim claim = change.before().claim();
        ProcessModel holder = change.task().claimedBy;
        boolean right = claim != null && claim.attempt() == last.number() && holder != null && holder != change.by();
        if (!right) {
            String text = "attempt " + last.number() + " is Interrupted, the claim was " + claim;
            world.violation("InterruptedWithoutLoss", change.task(), text);
        }
    }

    private void times(Change change) {
        TaskModel task = change.task();
        if (world.clocksSet || task.runNow != null) {
            return;
        }
        JsonNode last = change.object().path("status").path("lastAttempt");
        long scheduled = Values.time(last, "scheduleTime", Values.ALWAYS);
        long dispatched = Values.time(last, "dispatchTime", scheduled);
        long answered = Values.time(last, "responseTime", Values.NEVER);
        Request request = task.request(change.after().roundAttempts());
        long slack = MILLISECOND + world.clock + world.late;
        // An attempt of a lost leader may have had the same number.
        boolean received = request == null || request.sender != change.by() || request.latestWall + slack >= dispatched;
        if (scheduled > Values.plus(dispatched, slack) || dispatched > Values.plus(answered, slack) || !received) {
            String text = "due " + text(last, "scheduleTime") + ", sent " + text(last, "dispatchTime") + ", answered "
                    + text(last, "responseTime");
            world.violation("AttemptTimesWrong", task, text);
        }
    }

    private void nextAttempt(Change change, TaskStatus.Last last) {
        TaskModel task = change.task();
        JsonNode recorded = change.object().path("status").path("lastAttempt");
        long answered = Values.time(recorded, "responseTime", Values.ALWAYS);
        if (answered == Values.ALWAYS || !change.after().state().equals("BackingOff")) {
            return;
        }
        int n = Math.max(1, change.after().roundAttempts());
        @Nullable Request request = task.request(change.after().roundAttempts());
        // What this process records may be a later attempt with the same number, of which no worker has seen anything.
        Request own = request == null || request.sender != change.by() ? null : request;
        if (own == null ? task.runNow != null : own.mayBeRunNow) {
            // Its backoff counts from the request of the person, as with RunTask of Cloud Tasks.
            return;
        }
        long since = request == null ? world.now - world.write(task.namespace) : request.at;
        long shortest = Values.NEVER;
        double longest = 0;
        for (QueueSpec spec : world.queueOf(task).since(since - world.wire(task.namespace))) {
            long interval = spec.retry().interval(n);
            boolean asked = last.code() == 429 || last.code() == 503;
            long wanted = request == null || !asked
                    ? 0
                    : Math.min(request.retryAfter, spec.retry().maxBackoff());
            shortest = Math.min(shortest, Math.max(interval, wanted));
            longest = Math.max(longest, interval * (1 + spec.retry().jitterPercent() / 100.0));
            longest = asked ? Math.max(longest, (double) spec.retry().maxBackoff()) : longest;
        }
        long pause = change.after().nextAttempt() - answered;
        // A step of the writer's clock between the answer and now moves the time of the next attempt along.
        boolean tooLong = pause > longest + 2 * MILLISECOND && !world.clocksSet;
        if ((pause < shortest - 2 * MILLISECOND && !world.clocksSet) || tooLong) {
            String text = "after attempt " + n + " the pause is " + World.seconds(pause) + ", not "
                    + World.seconds(shortest) + " to " + World.seconds((long) longest);
            world.violation("NextAttemptWrong", task, text);
        }
    }
}

package dev.taskqueue.operator.oracle;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of attempts, and that what is recorded is what was sent.
 *
 * <ul>
 *   <li>{@code AttemptSentTwice}: "Without a fault: exactly once. After a crash: only what was in flight at that instant may be delivered twice". The same number
 *       may come again only from a later process, if the earlier one was lost before the attempt was recorded.
 *   <li>{@code AttemptNumberFell}: "TaskQueue-Attempt (1-based, anew after redrive)": it grows within a round.
 *   <li>{@code AttemptNotRecorded}: "Every attempt's outcome is one mandatory status write, its slot is held until the write is acknowledged": attempt n + 1
 *       leaves after n are recorded.
 *   <li>{@code RecordedAttemptSent}: an attempt that is recorded is not sent. Exception: "A former leader's write" that comes late, after the sender led.
 *   <li>{@code ClaimedAttemptSentAgain}: "an attempt that had a claim and no outcome counts as an attempt": its number is not sent again by a process that led
 *       later. Exception: the claim was written after that, by a former leader.
 *   <li>{@code AttemptWithoutNumber}: "Always: TaskQueue-Attempt".
 *   <li>{@code CountFell}, {@code CountSkipped}: dispatchCount grows one by one. Exception: people edit status, and a restore sets it back.
 *   <li>{@code RecordWrong}: responseCount &lt;= dispatchCount, executionCount &lt;= responseCount, lastAttempt is the last one, the ring of attempts grows.
 *   <li>{@code RecordedCodeDiffers}: the recorded status code is the one that the worker answered.
 *   <li>{@code SentNotRecorded}: when a Task ends, each attempt that was sent is counted. Exception: the outcome of a Task that was deleted is dropped, and what
 *       was in flight at a crash "left no trace".
 *   <li>{@code RecordedNotSent}: an attempt that has an HTTP answer was received by a worker.
 * </ul>
 */
final class AttemptRules implements Rules {
    private final World world;

    AttemptRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        int number = request.number;
        if (number == 0) {
            world.violation("AttemptWithoutNumber", task, "a request without TaskQueue-Attempt");
            return;
        }
        if (task.touched) {
            return;
        }
        int recorded = task.round > task.status.round() ? 0 : task.status.roundAttempts();
        if (number > recorded + 1) {
            notRecorded(task, number);
        }
        if (number <= recorded && !task.status.ended()) {
            recordedBefore(task, request, recorded);
        }
        if (number < task.lastNumber && !overtaken(task, request)) {
            String text = "attempt " + number + " was sent after attempt " + task.lastNumber;
            world.violation("AttemptNumberFell", task, text);
        }
        TaskStatus.Claim claim = task.status.claim();
        if (claim != null
                && task.claimedBy != request.sender
                && task.claimedAt < request.sender.ledSince
                && request.sender.ledSince != Values.NEVER
                && claim.attempt() == task.status.overall(number)
                && number == recorded + 1) {
            world.violation("ClaimedAttemptSentAgain", task, "claimed by " + claim.holder() + ": " + claim.attempt());
        }
        Request before = task.request(number);
        if (before != null) {
            repeated(task, request, before, recorded);
        }
    }

    /** Its sender had decided to send it, was frozen, and meanwhile lost the Lease to the sender of all the later ones. */
    private static boolean overtaken(TaskModel task, Request request) {
        for (Request other : task.requests) {
            if (other.round == request.round
                    && other.number >= request.number
                    && (other.at <= request.decidedAt || other.sender == request.sender)) {
                return false;
            }
        }
        return true;
    }

    /** The write and the next request may be observed in another order if they come from two logs. */
    private void notRecorded(TaskModel task, int number) {
        int round = task.round;
        Runnable judge = () -> {
            TaskStatus status = task.status;
            if (status.round() < round || (status.round() == round && status.roundAttempts() < number - 1)) {
                String text = "attempt " + number + " was sent, but " + status.roundAttempts() + " are recorded";
                world.violation("AttemptNotRecorded", task, text);
            }
        };
        if (world.late == 0) {
            judge.run();
        } else {
            world.later(world.late, judge);
        }
    }

    private void recordedBefore(TaskModel task, Request request, int recorded) {
        ProcessModel by = task.recordedBy;
        boolean late = last(recorded, request)
                && by != null
                && by != request.sender
                && task.recordedAt >= world.processes.ledSince(request.sender) - world.late;
        boolean onTheWire = task.recordedAt >= world.now - world.wire(task.namespace);
        if (late || onTheWire) {
            world.report.count("excused:recorded late");
        } else {
            String text = "attempt " + request.number + " was sent, but " + recorded + " are recorded "
                    + world.ago(task.recordedAt) + " by " + (by == null ? "people" : by.name);
            world.violation("RecordedAttemptSent", task, text);
        }
    }

    private boolean last(int recorded, Request request) {
        return request.number == recorded && world.processes.ledSince(request.sender) != Values.NEVER;
    }

    private void repeated(TaskModel task, Request request, Request before, int recorded) {
        ProcessModel first = before.sender;
        long ledSince = world.processes.ledSince(request.sender);
        boolean later = ledSince != Values.NEVER && ledSince > before.decidedAt;
        boolean another = first != request.sender || world.processes.unknown(first);
        if (another && overtaken(task, request)) {
            world.report.count("repeats:decided before a freeze");
            return;
        }
        if (later && another) {
            world.report.count("repeats:" + (before.answered() ? "answered, not recorded" : "in flight"));
            return;
        }
        String text = "attempt " + request.number + " was received from " + first.name + " " + world.ago(before.at)
                + " already, and now from " + request.sender.name + "; " + recorded + " are recorded";
        world.violation("AttemptSentTwice", task, text);
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        TaskStatus before = change.before();
        TaskStatus after = change.after();
        if (task.touched || after.equals(before)) {
            return;
        }
        if (after.dispatches() < before.dispatches()) {
            world.violation("CountFell", task, "dispatchCount " + before.dispatches() + " -> " + after.dispatches());
        } else if (after.dispatches() > before.dispatches() + 1) {
            world.violation("CountSkipped", task, "dispatchCount " + before.dispatches() + " -> " + after.dispatches());
        }
        if (change.outcome()) {
            shape(change);
            code(task, after);
        }
        if (change.ends()) {
            world.later(world.late, () -> counted(task, after));
        }
    }

    private void shape(Change change) {
        TaskStatus after = change.after();
        TaskStatus.Last last = after.last();
        boolean counts = after.executions() <= after.responses()
                && after.responses() <= after.dispatches()
                && after.roundAttempts() <= after.dispatches();
        boolean number = last != null && last.number() == after.dispatches();
        if (!counts || !number || !ringGrows(change)) {
            String text = "dispatches " + after.dispatches() + ", responses " + after.responses() + ", executions "
                    + after.executions() + ", last " + last;
            world.violation("RecordWrong", change.task(), text);
        }
    }

    private static boolean ringGrows(Change change) {
        int former = 0;
        for (var attempt : change.object().path("status").path("attempts")) {
            int number = attempt.path("number").asInt();
            if (number <= former) {
                return false;
            }
            former = number;
        }
        return former == 0 || former == change.after().dispatches();
    }

    /** Compared with the last request of this number; of a repeated one any answer may have been recorded. */
    private void code(TaskModel task, TaskStatus after) {
        TaskStatus.Last last = after.last();
        if (last == null || last.code() == 0) {
            return;
        }
        int number = after.roundAttempts();
        world.later(world.late, () -> {
            boolean received = false;
            boolean same = false;
            for (Request request : task.requests) {
                if (request.number == number && request.round == after.round()) {
                    received = true;
                    same |= request.code == last.code() || request.code == Request.UNKNOWN;
                }
            }
            if (!received) {
                String text = "attempt " + number + " has the code " + last.code() + ", but no worker received it";
                world.violation("RecordedNotSent", task, text);
            } else if (!same) {
                String text = "attempt " + number + " is recorded with the code " + last.code()
                        + ", which no worker answered";
                world.violation("RecordedCodeDiffers", task, text);
            }
        });
    }

    private void counted(TaskModel task, TaskStatus after) {
        if (task.touched || task.round != after.round() || task.lastNumber <= after.roundAttempts()) {
            return;
        }
        @Nullable Request last = task.request(task.lastNumber);
        boolean lost = last != null && world.processes.mayBeLost(last.sender, last.at);
        if (lost) {
            world.report.count("excused:left no trace");
        } else {
            String text = "attempt " + task.lastNumber + " was sent, but " + after.roundAttempts()
                    + " are recorded at its end";
            world.violation("SentNotRecorded", task, text);
        }
    }
}

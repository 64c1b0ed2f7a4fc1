package dev.taskqueue.operator.oracle;

import java.util.HashMap;
import java.util.Map;

/**
 * Nothing is held for ever. Judged at the end of a run, if its last fault is longer ago than the quiet time.
 *
 * <ul>
 *   <li>{@code NobodyLeads}: a process lives, and none may act; of real ones, none for the quiet time.
 *   <li>{@code Stuck}: a Task is due for the quiet time, nothing that exists hinders it, and its queue has neither a backlog at its rate nor as many requests in
 *       flight as it may have. A Task that only waits for a request in flight or a claim is not stuck.
 *   <li>{@code NotExpired}: "a Task that has not ended by then (paused or misspelt queue) is Failed, reason Expired".
 *   <li>{@code StatsWrong}: {@code status.stats} of a queue in which nothing happened for the quiet time has the numbers of the store.
 *       Exception: a Failed Task whose time to stay is over may count or not, until it is gone.
 *       Of each Task that waits for its time it tells the hour, or that it is later.
 *   <li>{@code WaitsForNothing}: its status names a missing queue that is there.
 * </ul>
 */
final class ProgressRules implements Rules {
    private final World world;
    private final Obstacles obstacles;
    private final LimitRules limits;
    private final Map<String, Integer> due = new HashMap<>();
    private final Map<String, Integer> open = new HashMap<>();
    private boolean judged;

    ProgressRules(World world, Obstacles obstacles, LimitRules limits) {
        this.world = world;
        this.obstacles = obstacles;
        this.limits = limits;
    }

    @Override
    public void end() {
        boolean calm = world.faults.last(world.now) < world.now - world.quiet;
        judged = obstacles.judged();
        world.report.count(judged ? "progress judged" : "progress not judged");
        if (calm && !judged && anybodyLives() && !ledLately()) {
            world.report.violation(world.now, "NobodyLeads", "", "no process holds the Lease, and one lives");
        }
        if (judged) {
            stats();
        }
        for (Request request : world.openRequests.values()) {
            open.merge(request.task.queue, 1, Integer::sum);
        }
        for (TaskModel task : world.tasks.values()) {
            if (!task.status.ended() && dueAt(task) < world.now) {
                due.merge(task.queue, 1, Integer::sum);
            }
        }
    }

    private void stats() {
        Map<String, Long> unfinished = new HashMap<>();
        Map<String, Long> leaving = new HashMap<>();
        for (TaskModel task : world.tasks.values()) {
            if (!task.gone() && !task.status.ended()) {
                unfinished.merge(task.queue, 1L, Long::sum);
            } else if (!task.gone() && task.status.failed() && isLeaving(task)) {
                leaving.merge(task.queue, 1L, Long::sum);
            }
        }
        Map<String, Long> failedBatches = new HashMap<>();
        for (BatchModel batch : world.batches.values()) {
            if (!batch.gone() && batch.status.ended() && batch.status.state().equals("Failed")) {
                failedBatches.merge(batch.queue, 1L, Long::sum);
            }
        }
        for (QueueModel queue : world.queues.values()) {
            boolean calm = Math.max(queue.changedAt, queue.tasksChangedAt) < world.now - world.quiet;
            long tasks = unfinished.getOrDefault(queue.key, 0L) + world.unfinishedItems(queue.key);
            boolean same = queue.statsTasks == tasks
                    && queue.statsFailed <= queue.failedKept + failedBatches.getOrDefault(queue.key, 0L)
                    && queue.statsFailed >= queue.failedKept - leaving.getOrDefault(queue.key, 0L);
            if (queue.exists && queue.statsTasks >= 0 && queue.statsAhead != queue.statsByHour) {
                String text = "stats tell the hours of " + queue.statsByHour + " Tasks, and " + queue.statsAhead
                        + " wait for their time";
                world.report.violation(world.now, "StatsWrong", queue.key, text);
            }
            if (queue.exists && calm && queue.statsTasks >= 0 && !same) {
                String text = "stats say " + queue.statsTasks + " Tasks and " + queue.statsFailed
                        + " failed ones; there are " + tasks + " and " + queue.failedKept;
                world.report.violation(world.now, "StatsWrong", queue.key, text);
            }
        }
    }

    /** Whether its time is over, so that it does not count any more. Until its object is gone, a slow API server may take long. */
    private boolean isLeaving(TaskModel task) {
        long own = Values.duration(task.spec, "ttlAfterFinished", -1);
        long ttl = own >= 0 ? own : world.queueOf(task).latest().retention().failed();
        return world.now > Values.plus(task.completedAt, ttl);
    }

    /** A real leader whose API server is too slow for a renewal holds the Lease again as soon as one succeeds. */
    private boolean ledLately() {
        long since = world.now - world.quiet - world.settings.lease().toNanos();
        boolean led = false;
        for (ProcessModel process : world.processes.all()) {
            led |= process.lives() && process.renewedAt >= since;
        }
        return world.late > 0 && led;
    }

    private boolean anybodyLives() {
        for (ProcessModel process : world.processes.all()) {
            if (process.lives() && process.frozenAt == Values.NEVER && process.stoppingAt == Values.NEVER) {
                return true;
            }
        }
        return false;
    }

    /** By the clock of the run; without knowledge of the wall clocks, the later of what it may be. */
    private long dueAt(TaskModel task) {
        long due = Math.max(task.dueAt(), Math.max(task.createdAt, task.notBefore));
        long next = task.status.dispatches() > 0 ? task.status.nextAttempt() : Values.ALWAYS;
        long claim = task.status.claim() == null
                ? Values.ALWAYS
                : Math.min(task.status.claim().deadline(), task.claimedAt + 2 * deadline(task));
        return Math.max(due, Math.max(next, claim));
    }

    private long deadline(TaskModel task) {
        return Values.duration(
                task.spec, "dispatchDeadline", world.queueOf(task).latest().dispatchDeadline());
    }

    @Override
    public void judged(TaskModel task) {
        if (!judged || task.gone() || task.status.ended() || skewed()) {
            return;
        }
        QueueModel queue = world.queueOf(task);
        long since = world.now - world.quiet;
        long unfinished = Values.plus(
                Math.max(task.dueAt(), task.roundAt), queue.latest().retention().unfinished());
        if (Math.min(task.expires(), queue.exists ? unfinished : Values.NEVER) < since && !sent(task)) {
            world.violation("NotExpired", task, "it is " + task.status.state() + " after its end by time");
        }
        if (queue.exists && queue.changedAt < since && task.status.accepted().equals("QueueNotFound")) {
            world.violation("WaitsForNothing", task, "its queue exists");
        }
        if (dueAt(task) < since && queue.changedAt < since && !sent(task) && !isBusy(queue)) {
            String obstacle = obstacles.of(task);
            if (obstacle.isEmpty()) {
                String text = task.status.state() + ", due " + world.ago(dueAt(task)) + ", and nothing hinders it";
                world.violation("Stuck", task, text);
            }
        }
    }

    /** A wall clock that is behind keeps Tasks waiting for good reason. */
    private boolean skewed() {
        for (ProcessModel process : world.processes.all()) {
            if (process.lives() && Math.abs(process.wall(0, null, 0)[0]) > world.quiet / 2) {
                return true;
            }
        }
        return false;
    }

    /** Its last request is not answered, and its handler may still answer. */
    private boolean sent(TaskModel task) {
        Request last = task.requests.peekLast();
        return last != null && !last.answered() && world.now < Values.plus(last.at, deadline(task) + world.quiet);
    }

    /** Whether a backlog is a good reason to wait. */
    boolean isBusy(QueueModel queue) {
        QueueSpec.Limits most = queue.latest().limits();
        double rate = Double.isNaN(queue.enforced) ? most.rate() : Math.min(most.rate(), queue.enforced);
        double seconds = (due.getOrDefault(queue.key, 0) + world.unfinishedItems(queue.key)) / Math.max(rate, 1e-6);
        boolean moves = queue.lastDispatch > world.now - Math.max(world.quiet, (long) (10e9 / Math.max(rate, 1e-3)));
        boolean full = open.getOrDefault(queue.key, 0) >= most.concurrent();
        return full || (moves && (seconds > world.quiet / 4e9 || limits.limited(queue)));
    }
}

package dev.taskqueue.operator.oracle;

/**
 * What the status of a Task tells while its attempt has no outcome, or while it waits.
 *
 * <ul>
 *   <li>{@code ClaimMissing}: "A Dispatching telling is also a claim: attempt number, deadline, holder". An attempt that lasts longer than a due one may wait has
 *       its claim in status, also while many outcomes are written: without it, a crash sends the request again at once. Exceptions: a fault since the quiet time
 *       began, or another leader.
 *   <li>{@code ObstacleWrong}: {@code TargetNotFound} is told although the Service of the Task has been there, with its port, for as long as a write may take.
 *       Exception: a fault since the quiet time began.
 * </ul>
 */
final class TellingRules implements Rules {
    private final World world;
    private final Obstacles obstacles;
    private final long prompt;

    TellingRules(World world, Obstacles obstacles) {
        this.world = world;
        this.obstacles = obstacles;
        prompt = world.settings.prompt().toNanos();
    }

    @Override
    public void received(TaskModel task, Request request) {
        if (!world.processes.unknown(request.sender)) {
            world.later(prompt, () -> claimed(task, request));
        }
    }

    private void claimed(TaskModel task, Request request) {
        TaskStatus status = task.status;
        long deadline = Values.duration(
                task.spec, "dispatchDeadline", world.queueOf(task).latest().dispatchDeadline());
        // At the end of the run, what was put off happens at once.
        boolean isOver = world.now < request.at + prompt
                || request.answered()
                || task.gone()
                || task.touched
                || status.ended()
                || status.round() != request.round
                || status.roundAttempts() >= request.number
                || world.now >= Values.plus(request.at, deadline);
        boolean isDisturbed = world.faults.lastReason(task.namespace, world.now) >= request.decidedAt
                || world.disturbed(task.namespace, request.decidedAt - world.quiet)
                || !request.sender.lives()
                || request.sender.lostAt != Values.NEVER;
        boolean hasClaim = status.claim() != null && status.claim().attempt() == status.overall(request.number);
        if (!isOver && !isDisturbed && !hasClaim) {
            String text = "request " + request.id + " is in flight for " + World.seconds(world.now - request.at)
                    + ", and status tells nothing of it";
            world.violation("ClaimMissing", task, text);
        }
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        if (change.by() == null
                || task.touched
                || !change.after().accepted().equals("TargetNotFound")
                || change.before().accepted().equals("TargetNotFound")
                || !world.objects.shows("Service")) {
            return;
        }
        long since = world.now - world.write(task.namespace) - world.notice();
        boolean isKnown = world.faults.lastReason(task.namespace, world.now) < world.now - world.quiet
                && world.objects.changedAt(task.namespace) < since
                && world.queueOf(task).changedAt < since;
        if (isKnown && obstacles.hasService(task)) {
            world.violation("ObstacleWrong", task, "TargetNotFound, but its Service has been there");
        }
    }
}

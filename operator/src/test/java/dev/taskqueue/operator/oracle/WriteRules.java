package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import org.jspecify.annotations.Nullable;

/**
 * Who may write, and over what.
 *
 * <p>{@code WrittenWithoutRight}: a process writes Tasks and TaskQueues only while it holds the Lease. Exception: "SIGTERM: release the lease; finish within the grace
 * period, writing only outcomes of own claims", with what comes before such an outcome. The API server may not have taken the release.
 *
 * <p>{@code WrittenOverChange}: "Every delete carries uid and resourceVersion", and so does every patch of status: what was sent before the Task changed is refused.
 *
 * <p>Judged where it is known when the request was sent: a request may be late, and arrive when another process leads.
 */
final class WriteRules implements Rules {
    private final World world;
    private final long lease;

    WriteRules(World world) {
        this.world = world;
        lease = world.settings.lease().toNanos();
    }

    @Override
    public void created(TaskModel letter, @Nullable ProcessModel by) {
        TaskModel failed = world.tasks.get(text(letter.spec.path("deadLetterOf"), "uid"));
        judge(failed == null ? letter : failed, by, "created " + letter.key);
    }

    @Override
    public void changed(Change change) {
        judge(change.task(), change.by(), "wrote " + change.after().state());
        overChange(change.task(), change.by(), change.after().state() + " was stored");
    }

    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        judge(task, by, "deleted it");
        overChange(task, by, "it was deleted");
    }

    private void overChange(TaskModel task, @Nullable ProcessModel by, String what) {
        if (by != null && world.sentAt < task.storedAt) {
            String text = what + ", sent by " + by.name + " " + world.ago(world.sentAt) + "; it had changed since, "
                    + world.ago(task.storedAt);
            world.violation("WrittenOverChange", task, text);
        }
    }

    private void judge(TaskModel task, @Nullable ProcessModel by, String what) {
        boolean stops = by != null && by.stoppingAt <= world.sentAt;
        boolean claims = stops && task.claimedBy == by && task.status.claim() != null;
        String why = claims ? "" : whyNot(by);
        if (!why.isEmpty() && by != null) {
            world.violation("WrittenWithoutRight", task, by.name + " " + what + ", but " + why);
        }
    }

    @Override
    public void queueStored(QueueModel queue, @Nullable ProcessModel by) {
        String why = whyNot(by);
        if (!why.isEmpty() && by != null) {
            world.report.violation(world.now, "WrittenWithoutRight", queue.key, by.name + " wrote, but " + why);
        }
    }

    private String whyNot(@Nullable ProcessModel by) {
        boolean known = by != null && !world.processes.unknown(by) && world.sentAt != Values.NEVER;
        return known && by != null && world.processes.election() ? by.whyNotByLease(world.sentAt, lease) : "";
    }
}

package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * One dead letter for each Task that failed for good in a queue with {@code deadLetter}, and none for any other.
 *
 * <ul>
 *   <li>{@code DeadLetterMissing}: "the operator first creates a Task in that queue, then writes Failed". Not for InvalidSpec and AlreadyCompleted, not for dead
 *       letters ("no chains"). A Task that has the name already counts: "a repeat after a crash is a 409 and not a second Task". Exception: the API server
 *       refused it during a fault, and the failed Task's message says why there is none.
 *   <li>{@code DeadLetterName}: {@code NAME-dl-} and the first 8 of the uid, NAME cut where it would exceed 253; after a redrive also with the number of the
 *       round, because the first letter may still have the name. {@code DeadLetterQueue}: of a spec that may
 *       have been in force.
 *   <li>{@code DeadLetterNotDue}: of a dead letter, of a Task that succeeded or had failed before, or of none. Exception: a former leader's late write of the
 *       success, which its successor could not know.
 *   <li>{@code DeadLetterTwice}: in one round. Exception: its creator was lost before it wrote Failed, and the first one is gone already.
 *   <li>{@code DeadLetterOfUnfailed}: its Task does not end as Failed. Exceptions: its creator was lost between the two writes (then the attempt "left no trace" and
 *       may succeed), or somebody deleted the Task.
 * </ul>
 */
final class DeadLetterRules implements Rules {
    private static final int LONGEST_NAME = 253;

    private final World world;

    DeadLetterRules(World world) {
        this.world = world;
    }

    @Override
    public void created(TaskModel letter, @Nullable ProcessModel by) {
        if (by == null || !letter.isDeadLetter || letter.touched) {
            return;
        }
        world.report.count("deadLetters");
        JsonNode of = letter.spec.path("deadLetterOf");
        TaskModel task = world.tasks.get(text(of, "uid"));
        if (task == null) {
            if (!world.gone.containsKey(text(of, "uid")) && !world.forgotten) {
                world.violation("DeadLetterNotDue", letter, "there is no Task " + text(of, "task"));
            }
            return;
        }
        place(letter, task);
        due(letter, task, by, text(of, "reason"));
        if (task.deadLetterRound == task.round && !task.touched) {
            again(letter, task, by);
        }
        task.deadLetterRound = task.round;
        task.deadLetterAt = world.now;
        task.deadLetterBy = by;
        task.tell(world.now, "dead letter " + letter.key + " created by " + by.name + ", reason " + text(of, "reason"));
    }

    private void place(TaskModel letter, TaskModel task) {
        boolean hasName =
                letter.name.equals(name(task)) || (task.round > 1 && letter.name.equals(name(task) + "-" + task.round));
        if (!hasName || !letter.namespace.equals(task.namespace)) {
            world.violation("DeadLetterName", task, "its dead letter is " + letter.key + ", not " + name(task));
        }
        boolean named = false;
        for (QueueSpec spec : world.queueOf(task).since(world.now - world.write(task.namespace))) {
            named |= letter.queue.equals(task.namespace + '/' + spec.deadLetterQueue());
        }
        if (!named) {
            world.violation("DeadLetterQueue", task, "its dead letter is in " + letter.queue);
        }
    }

    static String name(TaskModel task) {
        String end = "-dl-" + task.uid.substring(0, Math.min(8, task.uid.length()));
        return task.name.substring(0, Math.min(task.name.length(), LONGEST_NAME - end.length())) + end;
    }

    private void due(TaskModel letter, TaskModel task, ProcessModel by, String reason) {
        if (task.isDeadLetter || withoutLetter(reason)) {
            world.violation("DeadLetterNotDue", letter, "of " + task.key + ", reason " + reason);
        }
        if (!task.status.ended() || task.round > task.status.round() || task.touched) {
            return;
        }
        boolean late = task.endedBy != by
                && task.endedBy != null
                && task.endedAt >= by.ledSince - world.late
                && by.ledSince != Values.NEVER;
        if (late) {
            world.report.count("excused:dead letter before a late write");
        } else {
            String text =
                    "a dead letter was created after it was " + task.status.state() + " " + world.ago(task.endedAt);
            world.violation("DeadLetterNotDue", task, text);
        }
    }

    private void again(TaskModel letter, TaskModel task, ProcessModel by) {
        if (task.deadLetterBy == null || task.deadLetterBy == by) {
            world.violation("DeadLetterTwice", task, letter.key + " again, " + world.ago(task.deadLetterAt));
        } else {
            world.report.count("excused:dead letter again after a crash");
        }
    }

    private static boolean withoutLetter(String reason) {
        return reason.equals("InvalidSpec") || reason.equals("AlreadyCompleted");
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        TaskStatus after = change.after();
        if (!change.ends() || !after.failed() || withoutLetter(after.reason()) || task.isDeadLetter || task.touched) {
            return;
        }
        QueueModel queue = world.queueOf(task);
        boolean wanted = queue.exists && isKnown(queue, change.by());
        for (QueueSpec spec : queue.since(world.now - world.write(task.namespace) - world.notice())) {
            wanted &= !spec.deadLetterQueue().isEmpty();
        }
        boolean there = task.deadLetterRound == after.round()
                || world.tasksByKey.containsKey(task.namespace + '/' + name(task));
        if (!wanted || there) {
            return;
        }
        String message = message(change.object());
        boolean explained = message.contains("dead letter") && !message.contains(name(task));
        if (!explained || !world.disturbed(task.namespace, world.now - world.write(task.namespace))) {
            String text = "Failed (" + after.reason() + ") was stored, and there is no " + name(task);
            world.violation("DeadLetterMissing", task, text);
        } else {
            world.report.count("excused:dead letter refused");
        }
    }

    /** A queue that was just created again may be unknown to a process, which then knows no dead letter queue of it either. */
    private boolean isKnown(QueueModel queue, @Nullable ProcessModel process) {
        return process == null
                || queue.servedSince < world.now - world.write(queue.namespace)
                || world.mustKnow(process, queue.namespace, queue.createdAt);
    }

    private static String message(JsonNode task) {
        for (JsonNode condition : task.path("status").path("conditions")) {
            if (text(condition, "type").equals("Succeeded")) {
                return text(condition, "message");
            }
        }
        return "";
    }

    @Override
    public void judged(TaskModel task) {
        boolean failed = task.status.failed() || task.status.round() > task.deadLetterRound;
        if (task.deadLetterRound == 0 || failed || task.touched || task.gone()) {
            return;
        }
        ProcessModel by = task.deadLetterBy;
        boolean lost = by == null || !by.lives() || by.lostAt != Values.NEVER;
        if (lost) {
            world.report.count("excused:dead letter, then a crash");
        } else if (world.now - task.deadLetterAt > world.write(task.namespace)) {
            String text =
                    "it has a dead letter since " + world.ago(task.deadLetterAt) + " and is " + task.status.state();
            world.violation("DeadLetterOfUnfailed", task, text);
        }
    }

    /** A Task that ended well must not leave a dead letter behind, also if it is collected before the end of the run. */
    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        if (by != null && task.status.succeeded()) {
            judged(task);
        }
    }
}

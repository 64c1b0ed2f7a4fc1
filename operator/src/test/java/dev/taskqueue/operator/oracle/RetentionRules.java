package dev.taskqueue.operator.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the operator deletes, and what it must keep.
 *
 * <ul>
 *   <li>{@code DeletedEarly}: a finished Task stays for its {@code ttlAfterFinished}, else the queue's retention, from completionTime: by the clock of the
 *       run, or if another process ended it also by the wall clock that the one that deletes it has had. Exception: "oldest finished ones go earlier when there are more" than maxSucceeded or maxFailed; which are the oldest is not judged.
 *   <li>{@code DeletedUnfinished}: only a purge deletes what has not ended: "every unfinished Task created before this", strictly. Exceptions: with a retention of
 *       0 s the delete is the end; and a process that stops deletes delivered Tasks whose status was refused.
 *   <li>{@code TrackedCollected}: a Task in Git, Helm or by {@code kubectl apply} "is not collected unless it sets ttlAfterFinished itself".
 *   <li>{@code EndWithoutMark}: "Such a Task also gets, just before its terminal status, the annotation {@code taskqueue.dev/completed}". Exception: a fault of this namespace alone.
 *   <li>{@code CompletedSentAgain}, {@code CompletedNotRecognised}: "the object restored from a backup without its status is recognised and not run again".
 *       {@code NewTaskNotRun}: "A restored Task whose spec differs from the recorded hash is a new Task and runs". A mark from the future counts for nothing.
 *   <li>{@code NotCollected}: after its time a finished Task goes, and so do those above maxSucceeded and maxFailed; judged at the end.
 * </ul>
 */
final class RetentionRules implements Rules {
    private static final int MARKS = 20_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final World world;
    /** The marks that the operator wrote, and the hash of the spec that each is about. */
    private final Map<String, Integer> marks = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MARKS;
        }
    };

    RetentionRules(World world) {
        this.world = world;
    }

    @Override
    public void deleted(TaskModel task, @Nullable ProcessModel by) {
        if (by == null || world.processes.unknown(by) || task.touched) {
            return;
        }
        long ttl = ttl(task, task.status.failed(), true);
        if (!task.status.ended()) {
            unfinished(task, by);
            return;
        }
        if (kept(task)) {
            world.violation("TrackedCollected", task, "deleted by " + by.name + " although Git or Helm keeps it");
            return;
        }
        long age = world.now - task.completedAt;
        if (by != task.endedBy && task.status.completed() != Values.ALWAYS) {
            age = Math.max(age, world.now + by.mostAhead() - task.status.completed());
        }
        // completionTime has milliseconds, and is by a clock that may have drifted since the run began.
        long slack = world.clock + 1_000_000 + Math.max(world.drifted(), (long) (ttl * world.settings.drift()));
        if (age + slack < ttl && !tooMany(task)) {
            String text = "deleted by " + by.name + " " + World.seconds(age) + " after its end; it stays "
                    + World.seconds(ttl);
            world.violation("DeletedEarly", task, text);
        }
    }

    private static boolean kept(TaskModel task) {
        return task.tracked && Values.text(task.spec, "ttlAfterFinished").isEmpty();
    }

    /** The shortest (or longest) time that a finished Task stays, by each spec of its queue that may be in force. */
    private long ttl(TaskModel task, boolean failed, boolean shortest) {
        long own = Values.duration(task.spec, "ttlAfterFinished", -1);
        if (own >= 0) {
            return own;
        }
        long ttl = shortest ? Values.NEVER : 0;
        for (QueueSpec spec : world.queueOf(task).since(world.now - world.write(task.namespace))) {
            long retention =
                    failed ? spec.retention().failed() : spec.retention().succeeded();
            ttl = shortest ? Math.min(ttl, retention) : Math.max(ttl, retention);
        }
        return ttl;
    }

    private boolean tooMany(TaskModel task) {
        QueueModel queue = world.queueOf(task);
        for (QueueSpec spec : queue.since(world.now - world.write(task.namespace))) {
            boolean tooMany = task.status.failed()
                    ? queue.failedKept > spec.retention().maxFailed()
                    : queue.succeededKept > spec.retention().maxSucceeded();
            if (tooMany) {
                return true;
            }
        }
        return false;
    }

    private void unfinished(TaskModel task, ProcessModel by) {
        if (purged(task)) {
            world.report.count("purged");
            return;
        }
        Request last = task.requests.peekLast();
        boolean delivered = last != null && (last.succeeded() || (!last.answered() && world.late > 0));
        // An attempt that no worker has seen may have been its last, too.
        boolean ended = last != null || task.dueAt() <= world.now || world.clocksSet;
        boolean atOnce = ended && ttl(task, !delivered, true) == 0;
        if (atOnce && !kept(task)) {
            world.report.count("deleted at the end");
        } else if (delivered && by.stoppingAt <= world.now && !task.tracked) {
            world.report.count("excused:deleted at SIGTERM");
        } else {
            String text = "deleted by " + by.name + " in state " + task.status.state();
            world.violation("DeletedUnfinished", task, text);
        }
    }

    private boolean purged(TaskModel task) {
        QueueModel queue = world.queueOf(task);
        for (QueueSpec spec : queue.since(world.now - world.write(task.namespace))) {
            boolean seen = Values.parseTime(queue.purgeValue, Values.ALWAYS) == spec.purgeBefore();
            boolean early = !seen || task.creationTimestamp < queue.purgeCutoff;
            if (task.creationTimestamp < spec.purgeBefore() && early) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void changed(Change change) {
        TaskModel task = change.task();
        if (task.completedMark != null && !task.completedMark.equals(task.completedAtCreation)) {
            marks.put(task.completedMark, task.spec.hashCode());
        }
        if (!change.ends() || task.touched) {
            return;
        }
        ProcessModel by = change.by();
        boolean known = by != null
                && (task.trackedSince == task.createdAt || world.mustKnow(by, task.namespace, task.trackedSince));
        // A policy or a missing right of the namespace may have refused the annotation. The end is more important.
        boolean refused = world.faults.lastOnlyIn(task.namespace, world.now) >= world.now - world.write(task.namespace);
        if (task.tracked && task.completedMark == null && known && !refused) {
            world.violation("EndWithoutMark", task, "it ended without the annotation taskqueue.dev/completed");
        }
        if (task.completedAtCreation != null && !future(task.completedAtCreation)) {
            Integer of = marks.get(task.completedAtCreation);
            boolean recognised = change.after().reason().equals("AlreadyCompleted");
            if (of != null && recognised && of != task.spec.hashCode()) {
                world.violation("NewTaskNotRun", task, "its spec differs from the one that was completed");
            }
            if (of != null && !recognised && of == task.spec.hashCode()) {
                world.violation(
                        "CompletedNotRecognised",
                        task,
                        "it ended as " + change.after().reason());
            }
        }
    }

    private boolean future(String mark) {
        try {
            JsonNode json = JSON.readTree(mark);
            return Values.time(json, "time", Values.NEVER) > world.now;
        } catch (com.fasterxml.jackson.core.JsonProcessingException unreadable) {
            return true;
        }
    }

    @Override
    public void received(TaskModel task, Request request) {
        if (task.completedAtCreation == null || task.round > 1 || future(task.completedAtCreation)) {
            return;
        }
        Integer of = marks.get(task.completedAtCreation);
        if (of != null && of == task.spec.hashCode()) {
            world.violation("CompletedSentAgain", task, "it was completed before: " + task.completedAtCreation);
        }
    }

    @Override
    public void judged(TaskModel task) {
        QueueModel queue = world.queueOf(task);
        boolean calm = world.faults.last(world.now) < world.now - world.quiet;
        if (task.gone() || !task.status.ended() || kept(task) || !calm || !queue.exists || world.clocksSet) {
            return;
        }
        long ttl = ttl(task, task.status.failed(), false);
        long end = Math.max(task.endedAt, task.status.completed());
        if (world.now - world.quiet > Values.plus(end, ttl) && world.now - world.quiet > queue.changedAt) {
            String text = "it ended " + world.ago(task.endedAt) + " and should stay " + World.seconds(ttl);
            world.violation("NotCollected", task, text);
        }
    }
}

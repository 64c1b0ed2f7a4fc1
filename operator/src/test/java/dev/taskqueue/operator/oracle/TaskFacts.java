package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static dev.taskqueue.operator.oracle.Values.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes the facts about Tasks and their requests into the model, and lets the rules judge each of them. */
final class TaskFacts {
    private final World world;

    TaskFacts(World world) {
        this.world = world;
    }

    static String key(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return text(metadata, "namespace") + '/' + text(metadata, "name");
    }

    void stored(Fact.Stored fact) {
        ProcessModel by = world.processes.writer(fact.by());
        TaskModel known = world.tasks.get(text(fact.object().path("metadata"), "uid"));
        if (fact.change() == Fact.Change.Deleted) {
            if (known != null) {
                deleted(known, by);
            }
        } else if (known == null) {
            created(fact, by);
        } else {
            changed(known, fact.object(), by);
        }
    }

    private void created(Fact.Stored fact, @Nullable ProcessModel by) {
        TaskModel task = new TaskModel(fact.object(), world.now);
        task.touched = world.gone.remove(task.uid) != null || fact.change() != Fact.Change.Created;
        world.report.count("tasks");
        metadata(task, fact.object().path("metadata"));
        task.tell(world.now, "created by " + fact.by() + " in queue " + task.queue + ", " + task.status.state());
        world.each(rules -> rules.created(task, by));
        world.tasks.put(task.uid, task);
        world.tasksByKey.put(task.key, task);
        keptCount(task.queue, task.status, 1);
    }

    private void changed(TaskModel task, JsonNode object, @Nullable ProcessModel by) {
        task.deletedAt = Values.NEVER;
        TaskStatus before = task.status;
        TaskStatus after = TaskStatus.of(child(object, "status"));
        tell(task, before, after, by);
        if (by != null) {
            metadata(task, object.path("metadata"));
            Rules.Change change = new Rules.Change(task, before, after, by, world.now, object);
            world.each(rules -> rules.changed(change));
        } else if (!after.equals(before)) {
            task.touched = true;
            task.requests.clear();
            task.newRound(after.round(), world.now);
            task.lastNumber = after.roundAttempts();
        }
        keptCount(task.queue, before, -1);
        keptCount(task.queue, after, 1);
        take(task, before, after, by);
        task.storedAt = world.now;
        if (by == null) {
            metadata(task, object.path("metadata"));
        }
    }

    private void take(TaskModel task, TaskStatus before, TaskStatus after, @Nullable ProcessModel by) {
        redriven(task, before, after);
        task.status = after;
        if (after.dispatches() != before.dispatches() || (after.ended() && !before.ended())) {
            task.recordedAt = world.now;
            task.recordedBy = by;
        }
        if (after.ended() != before.ended()) {
            task.endedAt = after.ended() ? world.now : Values.NEVER;
            task.endedBy = by;
            task.completedAt = after.ended() ? completedAt(after, by) : Values.NEVER;
        }
        if (after.claim() != null && !after.claim().equals(before.claim())) {
            task.claimedAt = world.now;
            task.claimedBy = by;
        }
        if (after.round() > task.round) {
            task.newRound(after.round(), world.now);
        }
        if (after.handledRunNow() != null
                && !after.handledRunNow().equals(before.handledRunNow())
                && after.dispatches() > before.dispatches()) {
            task.runNowCredit = 0;
        }
    }

    private long completedAt(TaskStatus after, @Nullable ProcessModel by) {
        if (by == null || after.completed() == Values.ALWAYS) {
            return world.now;
        }
        long ahead = by.wall(world.now, null, world.slowest)[1] - world.now;
        return Math.min(world.now, after.completed() - ahead);
    }

    /** A new round uses up one order: the Task's own value if the status names it, else one of its queue. */
    private void redriven(TaskModel task, TaskStatus before, TaskStatus after) {
        boolean own = !same(after.handledRedrive(), before.handledRedrive());
        if (after.round() > before.round()) {
            int order = task.order(world);
            if (own && same(after.handledRedrive(), task.redrive)) {
                // Values that were replaced before a leader saw them count for nothing.
                task.redriveCredit = 0;
            } else if (own || order < 0) {
                task.redriveCredit = Math.max(0, task.redriveCredit - 1);
            } else {
                task.ordersUsed = order + 1;
            }
        } else if (own && (task.redriveSetAt == Values.NEVER || task.redriveSetAt <= task.roundAt)) {
            // It was set while the Task had not failed, so it does nothing; or an order of the queue has begun this
            // round since.
            task.redriveCredit = 0;
        }
    }

    /** The annotations, and the marks that keep a Task in Git. */
    private void metadata(TaskModel task, JsonNode metadata) {
        JsonNode annotations = child(metadata, "annotations");
        String runNow = Annotations.noted(annotations, Annotations.RUN_NOW);
        if (runNow != null && !runNow.equals(task.runNow) && !runNow.equals(task.status.handledRunNow())) {
            task.runNowCredit++;
            task.formerRunNowSetAt = task.runNowSetAt;
            task.runNowSetAt = world.now;
            task.tell(world.now, "run-now " + runNow);
        }
        task.runNow = runNow;
        String redrive = Annotations.noted(annotations, Annotations.REDRIVE);
        if (redrive != null && !redrive.equals(task.redrive) && !redrive.equals(task.status.handledRedrive())) {
            task.redriveCredit++;
            task.redriveSetAt = task.status.failed() ? world.now : Values.NEVER;
            task.tell(world.now, "redrive " + redrive);
        }
        task.redrive = redrive;
        task.completedMark = textOrNull(annotations, Annotations.COMPLETED);
        boolean tracked = Annotations.tracked(metadata);
        if (tracked && !task.tracked) {
            task.trackedSince = world.now;
        }
        task.tracked = tracked;
    }

    private void tell(TaskModel task, TaskStatus before, TaskStatus after, @Nullable ProcessModel by) {
        String writer = by == null ? "people" : by.name;
        if (after.equals(before)) {
            task.tell(world.now, "changed by " + writer);
            return;
        }
        String claim = after.claim() == null || after.claim().equals(before.claim())
                ? ""
                : ", claim of attempt " + after.claim().attempt();
        task.tell(
                world.now,
                after.state() + " (" + after.reason() + ") stored by " + writer + ": dispatches " + after.dispatches()
                        + ", round " + after.round() + '.' + after.roundAttempts() + ", last " + after.last() + claim);
    }

    private void keptCount(String queue, TaskStatus status, int much) {
        world.queue(queue).tasksChangedAt = world.now;
        if (status.succeeded()) {
            world.queue(queue).succeededKept += much;
        } else if (status.failed()) {
            world.queue(queue).failedKept += much;
        }
    }

    private void deleted(TaskModel task, @Nullable ProcessModel by) {
        task.tell(world.now, "deleted by " + (by == null ? "people" : by.name));
        world.each(rules -> rules.deleted(task, by));
        keptCount(task.queue, task.status, -1);
        task.deletedAt = world.now;
        task.deletedBy = by;
        world.later(world.late, () -> forget(task));
    }

    private void forget(TaskModel task) {
        if (task.gone() && world.tasks.remove(task.uid, task)) {
            world.tasksByKey.remove(task.key, task);
            world.each(rules -> rules.judged(task));
            world.report.keep(task);
            // A worker that hangs never answers; nobody waits for it any more.
            for (Request request : task.requests) {
                if (world.openRequests.remove(request.id, request)) {
                    world.openRequestsOfDeleted.put(request.id, request);
                }
            }
            world.gone.put(task.uid, new World.Gone(task.key, task.deletedAt, task.deletedBy));
        }
    }

    void received(Fact.Received fact) {
        ProcessModel sender = world.processes.get(fact.by());
        TaskModel task = find(fact.headers());
        world.report.count("deliveries");
        if (task == null) {
            strange(fact, sender);
            return;
        }
        long deadline = Values.duration(
                task.spec, "dispatchDeadline", world.queueOf(task).latest().dispatchDeadline());
        world.judge(fact, deadline, () -> received(fact, task, sender));
    }

    private void received(Fact.Received fact, TaskModel task, ProcessModel sender) {
        long wire = world.wire(task.namespace);
        long[] wall = world.processes.wall(sender, fact.senderTime(), wire);
        int number = number(fact.headers().get("taskqueue-attempt"));
        Request request = new Request(fact, task, sender, number, wall, wire);
        if (request.number == 1
                && task.status.failed()
                && task.round == task.status.round()
                && task.isRedrivePending(world)) {
            task.newRound(task.round + 1, world.now);
        }
        request.round = task.round;
        Request before = task.requests.peekLast();
        // A new leader does what the former one did not record.
        boolean unhandled = task.runNow != null
                && !same(task.runNow, task.status.handledRunNow())
                && before != null
                && before.sender != sender;
        request.mayBeRunNow =
                task.runNowSetAt <= world.now && (unhandled || before == null || task.runNowSetAt >= before.decidedAt);
        boolean former = before == null || task.formerRunNowSetAt >= before.decidedAt;
        request.runNowSetAt = former ? Math.min(task.formerRunNowSetAt, task.runNowSetAt) : task.runNowSetAt;
        task.tell(world.now, "received attempt " + request.number + " (request " + request.id + ") from " + fact.by());
        world.each(rules -> rules.received(task, request));
        request.headers = null;
        task.add(request);
        task.lastNumber = Math.max(task.lastNumber, request.number);
        if (task.firstAttempt == Values.NEVER) {
            task.firstAttempt = request.at;
        }
        world.queueOf(task).lastDispatch = world.now;
        world.openRequests.put(request.id, request);
    }

    static int number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 9) {
            return 0;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    /** By its uid; where users set the key themselves, by its name. */
    private @Nullable TaskModel find(Map<String, String> headers) {
        TaskModel task = world.tasks.get(headers.getOrDefault("idempotency-key", ""));
        if (task != null) {
            return task;
        }
        String name = headers.getOrDefault("x-cloudtasks-taskname", headers.getOrDefault("x-appengine-taskname", ""));
        TaskModel named = world.tasksByKey.get(headers.getOrDefault("taskqueue-namespace", "") + '/' + name);
        return named != null && HeaderRules.ownKey(named, world.queueOf(named)) ? named : null;
    }

    /** A request of a Task that is not there. */
    private void strange(Fact.Received fact, ProcessModel sender) {
        String uid = fact.headers().getOrDefault("idempotency-key", "");
        World.Gone gone = world.gone.get(uid);
        String namespace = fact.headers().getOrDefault("taskqueue-namespace", "");
        if (gone == null) {
            if (!world.forgotten) {
                world.report.violation(world.now, "UnknownTask", namespace, "a request of no known Task: " + uid);
            }
        } else if (DeliveryRules.tooLate(world, sender, namespace, gone.deletedAt(), gone.deletedBy())) {
            String text = "sent by " + sender.name + " although it was deleted " + world.ago(gone.deletedAt());
            world.report.violation(world.now, "DispatchedAfterDeletion", gone.key(), text);
        }
    }

    void answered(Fact.Answered fact) {
        Request open = world.openRequests.remove(fact.id());
        Request request = open == null ? world.openRequestsOfDeleted.remove(fact.id()) : open;
        if (request != null) {
            request.answeredAt = world.now;
            request.code = fact.code();
            request.retryAfter = fact.retryAfter().toNanos();
            request.task.tell(world.now, "answered request " + request.id + " with " + fact.code());
            world.each(rules -> rules.answered(request));
        }
    }

    static boolean same(@Nullable String one, @Nullable String other) {
        return Objects.equals(one, other);
    }
}

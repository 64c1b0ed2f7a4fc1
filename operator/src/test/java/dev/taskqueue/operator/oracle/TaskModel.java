package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static dev.taskqueue.operator.oracle.Values.textOrNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that the rules know about one Task object. */
final class TaskModel {
    private static final int REQUESTS = 12;

    final String key;
    final String namespace;
    final String name;
    final String uid;
    final String queue;
    /** When the API server stored it, by the clock of the run. */
    final long createdAt;
    /** When it was stored last. */
    long storedAt;
    /** What the object says: whole seconds. */
    final long creationTimestamp;

    final JsonNode spec;
    final boolean isDeadLetter;
    /** The annotation that it was created with. */
    final @Nullable String completedAtCreation;

    final @Nullable String taskKey;

    TaskStatus status;
    /** Somebody else than the operator wrote its status, or etcd was set back: counts and ends may be any. */
    boolean touched;

    /** Git, Helm or {@code kubectl apply} keeps it. */
    boolean tracked;

    long trackedSince = Values.NEVER;

    @Nullable String completedMark;
    /** The values of the annotations now. */
    @Nullable String runNow;

    @Nullable String redrive;
    /** How many values of run-now may still make it leave out of turn, and which process did so last. */
    int runNowCredit;

    @Nullable ProcessModel runNowBy;

    long runNowSetAt = Values.NEVER;
    /** When the value before was set. */
    long formerRunNowSetAt = Values.NEVER;
    /** When the value of redrive was set; {@link Values#NEVER} if there is none or it was set before the Task had failed. */
    long redriveSetAt = Values.NEVER;
    /** Own values of redrive that are not counted in a round yet, and how many orders of the queue are. */
    int redriveCredit;

    int ordersUsed;

    /** The round of the last request: one more than the stored one between a redrive and its first status. */
    int round = 1;

    /** When this round began. */
    long roundAt;

    int lastNumber;
    final ArrayDeque<Request> requests = new ArrayDeque<>(2);
    /** When the first attempt of this round was received. */
    long firstAttempt = Values.NEVER;
    /** No attempt leaves before, by the clock of the run, unless another process goes by nextAttemptTime. */
    long notBefore = Values.ALWAYS;

    @Nullable ProcessModel backoffBy;
    /** Who stored the end or the last attempt, and when. */
    @Nullable ProcessModel recordedBy;

    long recordedAt = Values.ALWAYS;
    long endedAt = Values.NEVER;

    @Nullable ProcessModel endedBy;
    /** Its completionTime by the clock of the run, as the clock of its writer was then. */
    long completedAt = Values.NEVER;

    long claimedAt = Values.NEVER;

    @Nullable ProcessModel claimedBy;

    long deletedAt = Values.NEVER;

    @Nullable ProcessModel deletedBy;
    /** The round in which its dead letter was created; 0 if none was. */
    int deadLetterRound;

    long deadLetterAt = Values.NEVER;

    @Nullable ProcessModel deadLetterBy;

    boolean violated;

    private final ArrayDeque<StoryLine> story = new ArrayDeque<>(4);

    TaskModel(JsonNode object, long at) {
        JsonNode metadata = object.path("metadata");
        namespace = text(metadata, "namespace");
        name = text(metadata, "name");
        key = namespace + '/' + name;
        uid = text(metadata, "uid");
        createdAt = at;
        storedAt = at;
        creationTimestamp = Values.time(metadata, "creationTimestamp", at);
        spec = object.path("spec");
        queue = namespace + '/' + text(spec.path("queueRef"), "name");
        isDeadLetter = child(spec, "deadLetterOf") != null;
        JsonNode annotations = child(metadata, "annotations");
        completedAtCreation = textOrNull(annotations, Annotations.COMPLETED);
        taskKey = textOrNull(annotations, Annotations.KEY);
        status = TaskStatus.of(child(object, "status"));
        round = status.round();
        roundAt = at;
        lastNumber = status.roundAttempts();
    }

    /** When it is first due, by the wall clock of its sender. */
    long due(long senderOffset) {
        long schedule = Values.time(spec, "scheduleTime", Values.ALWAYS);
        long delay = Values.duration(spec, "delay", 0);
        if (schedule != Values.ALWAYS || delay == 0) {
            return schedule;
        }
        return Math.min(creationTimestamp + 1_000_000_000, createdAt + senderOffset) + delay;
    }

    /** When it is first due by the clock of the run, if no clock was set; never before it was created. */
    long dueAt() {
        long schedule = Values.time(spec, "scheduleTime", Values.ALWAYS);
        return Math.max(createdAt + Values.duration(spec, "delay", 0), schedule);
    }

    long expires() {
        return Values.time(spec, "expireTime", Values.NEVER);
    }

    void tell(long at, String text) {
        if (story.size() >= OracleSettings.STORY_LENGTH) {
            story.pollFirst();
        }
        story.add(new StoryLine(at, text));
    }

    List<StoryLine> story() {
        return new ArrayList<>(story);
    }

    void add(Request request) {
        if (requests.size() >= REQUESTS) {
            requests.pollFirst();
        }
        requests.add(request);
    }

    /** The last request of this round with a number. */
    @Nullable Request request(int number) {
        for (Iterator<Request> each = requests.descendingIterator(); each.hasNext(); ) {
            Request request = each.next();
            if (request.number == number && request.round == round) {
                return request;
            }
        }
        return null;
    }

    /** Whether a process may have decided to start it again, by its own value or by an order of its queue. */
    boolean isRedrivePending(World world) {
        return redriveCredit > 0 || order(world) >= 0;
    }

    /** The order of its queue that a process may have acted on; -1 if there is none. */
    int order(World world) {
        return world.queueOf(this).orderFor(this, ordersUsed, world.now - world.write(namespace));
    }

    boolean gone() {
        return deletedAt != Values.NEVER;
    }

    void newRound(int round, long at) {
        this.round = round;
        roundAt = at;
        lastNumber = 0;
        firstAttempt = Values.NEVER;
        notBefore = Values.ALWAYS;
    }
}

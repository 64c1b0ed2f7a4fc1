package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that the rules know about one TaskBatch object. */
final class BatchModel {
    static final ObjectMapper JSON = new ObjectMapper();

    /** One item: what its line says, and the requests of it that workers received. */
    static final class Item {
        final JsonNode line;
        /** The item as the rules of limits know it. */
        final TaskModel task;

        final List<Request> requests = new ArrayList<>();
        /** Whether a worker has answered an attempt with 2xx. */
        boolean isDelivered;
        /** Who stored the last attempt of it, and when. */
        @Nullable ProcessModel recordedBy;

        long recordedAt = Values.ALWAYS;
        /** The attempt that status shows as claimed; null if it shows none. Who stored that first, and when. */
        @Nullable String claim;

        @Nullable ProcessModel claimedBy;

        long claimedAt = Values.NEVER;
        /** The rounds in which a dead letter of it was created. */
        final Set<Integer> letters = new HashSet<>();

        Item(JsonNode line, TaskModel task) {
            this.line = line;
            this.task = task;
        }

        /** The last request with a number in a round; null if none was received. */
        @Nullable Request request(int number, int round) {
            for (Request request : requests.reversed()) {
                if (request.number == number && request.round == round) {
                    return request;
                }
            }
            return null;
        }
    }

    /** What status says. */
    record Status(
            long revision,
            String state,
            String reason,
            int round,
            BitSet succeeded,
            BitSet failed,
            BitSet skipped,
            JsonNode json) {
        static Status of(@Nullable JsonNode status) {
            JsonNode json = status == null ? JsonNodeFactory.instance.objectNode() : status;
            // Until dead letters and the report are there, only Finished tells why it ends.
            String telling = text(json, "state").equals("Finishing") ? "Finished" : "Succeeded";
            String reason = "";
            for (JsonNode condition : json.path("conditions")) {
                reason = text(condition, "type").equals(telling) ? text(condition, "reason") : reason;
            }
            return new Status(
                    json.path("revision").asLong(),
                    text(json, "state"),
                    reason,
                    json.path("round").path("number").asInt(1),
                    ranges(text(json, "succeeded")),
                    ranges(text(json, "failed")),
                    ranges(text(json, "skipped")),
                    json);
        }

        boolean ended() {
            return json.has("completionTime");
        }

        /** Whether the item succeeded, failed or was skipped. */
        boolean ended(int index) {
            return succeeded.get(index) || failed.get(index) || skipped.get(index);
        }

        /** How many items have ended. */
        int count() {
            return succeeded.cardinality() + failed.cardinality() + skipped.cardinality();
        }

        /** Whether it ended for a reason that needs no request. */
        boolean endedUnsent() {
            return reason.equals("InvalidSpec") || reason.equals("AlreadyCompleted");
        }
    }

    final String key;
    final String namespace;
    final String name;
    final String uid;
    final String queue;
    final JsonNode spec;
    final long createdAt;
    final long creationTimestamp;
    final List<Item> items = new ArrayList<>();
    final boolean isDeadLetters;

    Status status;
    /** Who stored status last, and when. */
    @Nullable ProcessModel storedBy;

    long storedAt;
    /** Somebody else than the operator wrote its status, or etcd was set back: counts and ends may be any. */
    boolean touched;

    long deletedAt = Values.NEVER;

    @Nullable ProcessModel deletedBy;

    long heldSince = Values.NEVER;
    long cancelledAt = Values.NEVER;
    /** When its last redrive was stored. */
    long roundAt = Values.ALWAYS;

    /** The value of run-now, and the items that it names; all if it names none. */
    @Nullable String runNow;

    final BitSet runNowItems = new BitSet();
    /** Whether somebody wanted all items due at once. */
    boolean isMadeDue;
    /** A person has made all items due; what had failed by then need not wait. {@link Values#NEVER} until status tells it. */
    long madeDueUntil = Values.ALWAYS;

    @Nullable String redrive;
    /** How many values of it were set since status last named the newest. */
    int redriveValues;
    /** What status says of the attempts of items. */
    Map<Integer, ItemRecord> records = Map.of();

    /** Since when status tells more failed items than maxFailed, and who stored that. */
    long tooManySince = Values.NEVER;

    @Nullable ProcessModel tooManyBy;
    /** When its end was stored, and by whom. */
    long endedAt = Values.NEVER;

    @Nullable ProcessModel endedBy;
    /** Its completionTime by the clock of the run, as the clock of its writer was then. */
    long completedAt = Values.NEVER;
    /** The Task of onFinished came although status did not tell an end: right only if nothing of the batch could be sent. */
    boolean isReportedUnsent;

    /** When its last batch of dead letters was created, and by whom. */
    long lettersAt = Values.ALWAYS;

    @Nullable ProcessModel lettersBy;
    /** Rounds in which the Task of onFinished was created. */
    int reports;

    private boolean violated;
    private final ArrayDeque<StoryLine> story = new ArrayDeque<>(4);

    BatchModel(JsonNode object, long at) {
        JsonNode metadata = object.path("metadata");
        namespace = text(metadata, "namespace");
        name = text(metadata, "name");
        key = namespace + "/" + name;
        uid = text(metadata, "uid");
        spec = object.path("spec");
        queue = namespace + "/" + text(spec.path("queueRef"), "name");
        createdAt = at;
        creationTimestamp = Values.time(metadata, "creationTimestamp", at);
        status = Status.of(child(object, "status"));
        items();
        isDeadLetters = items.stream().anyMatch(item -> item.line.has("deadLetterOf"));
    }

    private void items() {
        for (int i = 0; i < spec.path("count").asInt(); i++) {
            add(JsonNodeFactory.instance.objectNode());
        }
        spec.path("items").forEach(this::add);
        for (String line : spec.path("lines").asText().split("\n", -1)) {
            if (!line.isBlank()) {
                add(ItemLines.read(line));
            }
        }
    }

    private void add(JsonNode line) {
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = task.putObject("metadata");
        metadata.put("namespace", namespace).put("name", name + "-" + items.size());
        metadata.put("uid", uid + "-" + items.size());
        task.putObject("spec").putObject("queueRef").put("name", text(spec.path("queueRef"), "name"));
        if (spec.path("template").has("dispatchDeadline")) {
            task.withObject("/spec")
                    .set("dispatchDeadline", spec.path("template").path("dispatchDeadline"));
        }
        items.add(new Item(line, new TaskModel(task, createdAt)));
    }

    ItemRecord record(int index) {
        return records.getOrDefault(index, ItemRecord.NONE);
    }

    /** Whether somebody has asked for a redrive, of it or of its queue, that status may not tell yet. */
    boolean isRedrivePending(World world) {
        if (redrive != null && !redrive.equals(text(status.json(), "lastHandledRedrive"))) {
            return true;
        }
        long decided = world.now - world.write(namespace);
        long since = decided - world.notice();
        return world.queue(queue)
                .ordersAt(decided)
                .anyMatch(order -> !order.value.equals(text(status.json(), "lastHandledQueueRedrive"))
                        && order.completedAt >= since);
    }

    int total() {
        return items.size();
    }

    boolean gone() {
        return deletedAt != Values.NEVER;
    }

    /** Whether a delay, not a time, says when the item is due. */
    boolean isDelayed(Item item) {
        boolean ownTime = item.line.has("scheduleTime") || item.line.has("delay");
        return (ownTime ? item.line : spec).has("delay");
    }

    /**
     * When the item is first due, by the clock of its sender. A delay counts from the creation; what the API server notes is cut to whole seconds.
     *
     * @param senderOffset how far the clock of the sender is ahead
     */
    long dueAt(Item item, long senderOffset) {
        long created = Math.min(creationTimestamp + 1_000_000_000, createdAt + senderOffset);
        boolean ownTime = item.line.has("scheduleTime") || item.line.has("delay");
        JsonNode from = ownTime ? item.line : spec;
        long schedule = Values.time(from, "scheduleTime", Values.ALWAYS);
        return schedule != Values.ALWAYS ? schedule : created + Values.duration(from, "delay", 0);
    }

    long expires() {
        return Values.time(spec, "expireTime", Values.NEVER);
    }

    void tell(long at, String text) {
        if (story.size() >= 4 * OracleSettings.STORY_LENGTH) {
            story.pollFirst();
        }
        story.add(new StoryLine(at, text));
    }

    List<StoryLine> story() {
        return new ArrayList<>(story);
    }

    void violated() {
        violated = true;
    }

    boolean isViolated() {
        return violated;
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    /** Reads indexes such as {@code 0-41,43-428}. */
    static BitSet ranges(String text) {
        var indexes = new BitSet();
        for (String part : text.split(",", -1)) {
            if (!part.isEmpty()) {
                String[] ends = part.split("-", -1);
                indexes.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return indexes;
    }
}

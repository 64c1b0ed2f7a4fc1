package dev.taskqueue.operator.oracle;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A made-up run for tests of the oracle: one process leads from the start, and renews its Lease whenever time passes. */
final class History {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");
    static final OracleSettings SETTINGS = OracleSettings.simulation(
                    Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofMillis(50), Duration.ofSeconds(1))
            .withQuiet(Duration.ofSeconds(60));

    private final Oracle oracle;
    private final Map<String, ObjectNode> objects = new HashMap<>();
    private double now;
    private double renewed;
    private long id;
    private int uids;
    private String leader = "";
    private ObjectNode mend = JSON.createObjectNode();
    private @Nullable Instant sentAt;
    private byte[] body = {};

    History(OracleSettings settings) {
        oracle = new Oracle(settings);
    }

    /** The names of the rules that a history breaks. */
    static Set<String> broken(Consumer<History> story) {
        return broken(SETTINGS, story);
    }

    static Set<String> broken(OracleSettings settings, Consumer<History> story) {
        History history = new History(settings);
        history.start("a");
        history.lead("a");
        story.accept(history);
        return history.end();
    }

    Set<String> end() {
        Set<String> rules = new TreeSet<>();
        violations().forEach(violation -> rules.add(violation.rule()));
        return rules;
    }

    List<Violation> violations() {
        return oracle.end(time());
    }

    Oracle oracle() {
        return oracle;
    }

    Instant time() {
        return time(now);
    }

    static Instant time(double seconds) {
        return START.plusNanos(Math.round(seconds * 1e9));
    }

    History at(double seconds) {
        while (!leader.isEmpty() && renewed + 5 < seconds) {
            renewed += 5;
            now = Math.max(now, renewed);
            lease(leader, leader);
        }
        now = seconds;
        return this;
    }

    History start(String process) {
        return fact(new Fact.Started(time(), process));
    }

    History lead(String process) {
        leader = process;
        renewed = now;
        return lease(process, process);
    }

    /** The leader stops renewing its Lease. */
    History silent() {
        leader = "";
        return this;
    }

    History lease(String by, String holder) {
        ObjectNode lease = JSON.createObjectNode();
        lease.putObject("metadata").put("namespace", "system").put("name", "taskqueue-operator");
        lease.putObject("spec").put("holderIdentity", holder);
        return fact(new Fact.Stored(time(), by, Fact.Change.Changed, "Lease", lease));
    }

    History crash(String process) {
        leader = leader.equals(process) ? "" : leader;
        return fact(new Fact.Ended(time(), process, Fact.End.Crashed));
    }

    History fact(Fact fact) {
        oracle.observe(fact);
        return this;
    }

    History fault(String name, String namespace) {
        return fact(new Fact.FaultBegan(time(), name, namespace));
    }

    History faultEnds(String name) {
        return fact(new Fact.FaultEnded(time(), name));
    }

    /** Creates or changes a TaskQueue of namespace shop; its generation grows. */
    History queue(String name, String spec) {
        return queue("shop", name, spec);
    }

    History queue(String namespace, String name, String spec) {
        ObjectNode queue = object("TaskQueue", namespace, name);
        queue.set("spec", json(spec));
        ObjectNode metadata = (ObjectNode) queue.get("metadata");
        metadata.put("generation", metadata.path("generation").asInt() + 1);
        return store("people", "TaskQueue", namespace + "/" + name, queue);
    }

    History queueStatus(String by, String name, String status) {
        ObjectNode queue = known("TaskQueue/shop/" + name);
        ObjectNode copy = queue.deepCopy();
        copy.set("status", json(status));
        return store(by, "TaskQueue", "shop/" + name, copy);
    }

    /** Creates a Task of namespace shop. */
    History task(String name, String spec) {
        return task("people", "shop", name, spec, "{}");
    }

    History task(String by, String namespace, String name, String spec, String metadata) {
        objects.remove("Task/" + namespace + "/" + name);
        ObjectNode task = object("Task", namespace, name);
        ((ObjectNode) task.get("metadata")).setAll(json(metadata));
        ObjectNode filled = JSON.createObjectNode();
        filled.putObject("queueRef").put("name", "q");
        filled.setAll(json(spec));
        task.set("spec", filled);
        return store(by, "Task", namespace + "/" + name, task);
    }

    History annotate(String kind, String name, String key, String value) {
        ObjectNode copy = known(kind + "/shop/" + name).deepCopy();
        ObjectNode metadata = (ObjectNode) copy.get("metadata");
        metadata.withObject("/annotations").put("taskqueue.dev/" + key, value);
        return store(key.equals("completed") ? "a" : "people", kind, "shop/" + name, copy);
    }

    History delete(String by, String kind, String key) {
        ObjectNode object = Objects.requireNonNull(objects.remove(kind + "/" + key));
        Instant sent = sentAt;
        sentAt = null;
        return fact(new Fact.Stored(time(), by, Fact.Change.Deleted, kind, object, sent));
    }

    History delete(String by, String task) {
        return delete(by, "Task", "shop/" + task);
    }

    /** Any other object of namespace shop. */
    History other(String kind, String name) {
        return store("people", kind, "shop/" + name, object(kind, "shop", name));
    }

    History endpoints(String service, boolean ready) {
        ObjectNode slice = object("EndpointSlice", "shop", service + "-1");
        ((ObjectNode) slice.get("metadata")).putObject("labels").put("kubernetes.io/service-name", service);
        ArrayNode endpoints = slice.putArray("endpoints");
        endpoints.addObject().putObject("conditions").put("ready", ready);
        return store("people", "EndpointSlice", "shop/" + service + "-1", slice);
    }

    private ObjectNode object(String kind, String namespace, String name) {
        ObjectNode known = objects.get(kind + "/" + namespace + "/" + name);
        if (known != null) {
            return known.deepCopy();
        }
        ObjectNode object = JSON.createObjectNode();
        object.putObject("metadata")
                .put("namespace", namespace)
                .put("name", name)
                .put("uid", "%08d-uid".formatted(++uids))
                .put("creationTimestamp", time(Math.floor(now)).toString());
        return object;
    }

    private History store(String by, String kind, String key, ObjectNode object) {
        Fact.Change change = objects.put(kind + "/" + key, object) == null ? Fact.Change.Created : Fact.Change.Changed;
        Instant sent = sentAt;
        sentAt = null;
        return fact(new Fact.Stored(time(), by, change, kind, object, sent));
    }

    /** The next write was sent then. */
    History sent(double seconds) {
        sentAt = time(seconds);
        return this;
    }

    String uid(String task) {
        return uid("Task", task);
    }

    String uid(String kind, String name) {
        return known(kind + "/shop/" + name).at("/metadata/uid").asText();
    }

    /** A worker receives an attempt; its id is returned. */
    long send(String by, String task, int number) {
        return send(by, task, number, Map.of());
    }

    long send(String by, String task, int number, Map<String, String> others) {
        ObjectNode object = known("Task/shop/" + task);
        Map<String, String> headers = HistoryTask.headers(object, spec(object), number);
        headers.putAll(others);
        headers.values().removeIf("absent"::equals);
        return receive(by, headers);
    }

    long receive(String by, Map<String, String> headers) {
        fact(new Fact.Received(time(), by, time(), ++id, "POST", "/", headers, body.length, Arrays.hashCode(body)));
        return id;
    }

    /** What the next requests carry. */
    History body(String text) {
        body = text.getBytes(UTF_8);
        return this;
    }

    private QueueSpec spec(ObjectNode task) {
        ObjectNode queue =
                objects.get("TaskQueue/shop/" + task.at("/spec/queueRef/name").asText());
        return QueueSpec.of(queue == null ? null : queue.get("spec"));
    }

    History answer(long request, int code) {
        return fact(new Fact.Answered(time(), request, code));
    }

    /** The next outcome is stored with these fields changed. */
    History mend(String fields) {
        mend = json(fields);
        return this;
    }

    /** Process stores the outcome of the next attempt; a code of 0 stands for a broken connection. */
    History outcome(String by, String task, String state, String reason, int code) {
        ObjectNode copy = known("Task/shop/" + task).deepCopy();
        ObjectNode status = copy.withObject("/status");
        HistoryTask.outcome(status, state, code, spec(copy).retry(), time());
        HistoryTask.noteOrders(copy);
        status.setAll(mend);
        mend = JSON.createObjectNode();
        return state(by, task, state, reason, copy);
    }

    History succeed(String by, String task) {
        return outcome(by, task, "Succeeded", "Delivered", 200);
    }

    History fail(String by, String task) {
        return outcome(by, task, "Failed", "RetriesExhausted", 500);
    }

    History backOff(String by, String task) {
        return outcome(by, task, "BackingOff", "BackingOff", 500);
    }

    History state(String by, String task, String state, String reason) {
        ObjectNode copy = known("Task/shop/" + task).deepCopy();
        HistoryTask.noteOrders(copy);
        return state(by, task, state, reason, copy);
    }

    private History state(String by, String task, String state, String reason, ObjectNode copy) {
        ObjectNode status = copy.withObject("/status");
        boolean ended = state.equals("Succeeded") || state.equals("Failed");
        status.put("state", state);
        ArrayNode conditions = status.putArray("conditions");
        String truth = state.equals("Succeeded") ? "True" : state.equals("Failed") ? "False" : "Unknown";
        ObjectNode succeeded = conditions.addObject();
        succeeded.put("type", "Succeeded").put("status", truth).put("reason", reason);
        if (status.remove("message") instanceof TextNode message) {
            succeeded.set("message", message);
        }
        if (ended) {
            conditions.addObject().put("type", "Finished").put("status", "True").put("reason", reason);
            status.put("completionTime", time().toString());
        } else {
            status.remove("completionTime");
        }
        return store(by, "Task", "shop/" + task, copy);
    }

    /** Changes any fields of the status, such as {@code {"claim": {"attempt": 1}}}. */
    History status(String by, String task, String fields) {
        ObjectNode copy = known("Task/shop/" + task).deepCopy();
        copy.withObject("/status").setAll(json(fields));
        return store(by, "Task", "shop/" + task, copy);
    }

    /** The whole way of a Task that succeeds at once. */
    History deliver(String by, String task) {
        return deliver(by, task, 1);
    }

    History deliver(String by, String task, int number) {
        answer(send(by, task, number), 200);
        return succeed(by, task);
    }

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    private ObjectNode known(String key) {
        return Objects.requireNonNull(objects.get(key), key);
    }
}

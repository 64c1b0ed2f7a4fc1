package dev.taskqueue.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.oracle.Fact;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The states of all Tasks and TaskBatches that exist now, by their keys in etcd. Safe for use by several threads. */
final class TaskStates {
    /** The keys of Tasks begin with this. */
    static final String TASKS = "taskqueue.dev/tasks/";

    static final String BATCHES = "taskqueue.dev/taskbatches/";

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private record State(String uid, String state) {}

    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicInteger createdBatches = new AtomicInteger();

    /** @param key of the object, which may be of any kind */
    void see(String key, Fact.Change change, Supplier<JsonNode> version) {
        if (!key.startsWith(TASKS) && !key.startsWith(BATCHES)) {
            return;
        }
        if (change == Fact.Change.Deleted) {
            states.remove(key);
            return;
        }
        if (change == Fact.Change.Created) {
            (key.startsWith(TASKS) ? created : createdBatches).incrementAndGet();
        }
        JsonNode object = version.get();
        states.put(
                key,
                new State(
                        object.at("/metadata/uid").asText(),
                        object.at("/status/state").asText()));
    }

    /** How many Tasks were created so far, dead letters included. */
    int created() {
        return created.get();
    }

    /** How many TaskBatches were created so far, dead letters included. */
    int createdBatches() {
        return createdBatches.get();
    }

    /** The state; empty if there is no such object. */
    String of(String key) {
        State state = states.get(key);
        return state == null ? "" : state.state();
    }

    /** The uid; empty if there is no such object. */
    String uid(String key) {
        State state = states.get(key);
        return state == null ? "" : state.uid();
    }

    /** The Tasks and TaskBatches that have not ended, each with its state. */
    Set<String> unfinished() {
        var unfinished = new TreeSet<String>();
        states.forEach((key, state) -> {
            if (!ENDED.contains(state.state())) {
                unfinished.add(key + " " + state.state());
            }
        });
        return unfinished;
    }
}

package dev.taskqueue.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.oracle.Fact;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The states of all Tasks that exist now, by {@code namespace/name}. Safe for use by several threads. */
final class TaskStates {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private record State(String uid, String state) {}

    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final AtomicInteger created = new AtomicInteger();

    void see(Fact.Change change, JsonNode task) {
        String name = task.at("/metadata/namespace").asText() + "/"
                + task.at("/metadata/name").asText();
        var state = new State(
                task.at("/metadata/uid").asText(), task.at("/status/state").asText());
        switch (change) {
            case Created -> {
                created.incrementAndGet();
                states.put(name, state);
            }
            case Changed -> states.put(name, state);
            case Deleted -> states.remove(name);
        }
    }

    /** How many Tasks were created so far, dead letters included. */
    int created() {
        return created.get();
    }

    /** The state; empty if there is no such Task. */
    String of(String task) {
        State state = states.get(task);
        return state == null ? "" : state.state();
    }

    /** The uid; empty if there is no such Task. */
    String uid(String task) {
        State state = states.get(task);
        return state == null ? "" : state.uid();
    }

    /** The Tasks that have not ended, each with its state. */
    Set<String> unfinished() {
        var unfinished = new TreeSet<String>();
        states.forEach((task, state) -> {
            if (!ENDED.contains(state.state())) {
                unfinished.add(task + " " + state.state());
            }
        });
        return unfinished;
    }
}

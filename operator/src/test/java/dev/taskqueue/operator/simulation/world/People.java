package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import dev.taskqueue.operator.simulation.apiserver.StoredChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Everybody who is no operator, as they reach the API server: at once, and without a fault. Some of them watch what the operators write. */
final class People {
    private final Scheduler scheduler;
    private final SimulatedApiServer server;
    private final List<Watcher> watchers = new ArrayList<>();

    private record Watcher(Predicate<JsonNode> awaited, boolean unanswered, Consumer<JsonNode> reaction) {}

    People(Scheduler scheduler, SimulatedApiServer server) {
        this.scheduler = scheduler;
        this.server = server;
    }

    ApiAnswer send(String method, String path, String contentType, String body) {
        return server.handle(PersonAction.request(method, path, contentType, body));
    }

    /** All objects of a kind. They must not be changed. */
    Stream<ObjectNode> objects(String kind) {
        return server.objects(kind);
    }

    void later(Duration pause, PersonAction action) {
        scheduler.after(pause, () -> action.act(this));
    }

    /**
     * Waits for the next write of an operator to a Task like this.
     *
     * @param unanswered whether the answer of that write is lost
     */
    void onNextWrite(Predicate<JsonNode> awaited, boolean unanswered, Consumer<JsonNode> reaction) {
        watchers.add(new Watcher(awaited, unanswered, reaction));
    }

    /** An operator has changed something. Returns whether it gets an answer. */
    boolean see(StoredChange change) {
        if (!change.kind().equals("Task")) {
            return true;
        }
        for (Iterator<Watcher> each = watchers.iterator(); each.hasNext(); ) {
            Watcher watcher = each.next();
            if (watcher.awaited.test(change.object())) {
                each.remove();
                watcher.reaction.accept(change.object());
                return !watcher.unanswered;
            }
        }
        return true;
    }
}

package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** Creates some specs at once, waits until each has arrived somewhere, and judges what happened. */
final class FuzzRound {
    private static final Pattern HELD = Pattern.compile(
            "^taskqueue_(tasks|batches|in_flight|unwritten_outcomes|waiting_tasks)\\b|^taskqueue_pool_used\\{pool=\"(?!tokens\")");
    private static final Duration POLL = Duration.ofSeconds(1);

    private final FuzzWorld world;
    private final FuzzCounts counts;
    private final List<FuzzSpec> specs;
    private final int round;
    private final Duration patience;
    private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();
    private final Queue<FuzzObject> accepted = new ConcurrentLinkedQueue<>();

    /** @param round makes the names of the objects unique */
    FuzzRound(FuzzWorld world, FuzzCounts counts, List<FuzzSpec> specs, int round, Duration patience) {
        this.world = world;
        this.counts = counts;
        this.specs = specs;
        this.round = round;
        this.patience = patience;
    }

    /** Returns what was wrong. Everything that was created is gone then. */
    List<Finding> run() {
        long logged = world.operator.log().lines().count();
        world.client.forEach(specs, this::create);
        controls("before");
        settle();
        world.client.forEach(List.copyOf(accepted), this::change);
        controls("after");
        settle();
        judgeProcess(logged);
        cleanUp();
        return List.copyOf(findings);
    }

    private void create(FuzzSpec spec) {
        ObjectNode manifest = spec.manifest().deepCopy();
        ObjectNode metadata = (ObjectNode) manifest.path("metadata");
        if (!metadata.has("name")) {
            metadata.put("name", "f-" + spec.index() + "-" + round);
        }
        world.setPort(manifest.path("spec"));
        FuzzClient.Reply reply = world.client.create(spec.kind(), manifest, spec.strict());
        if (reply.isBusy()) {
            counts.skip();
            return;
        }
        if (!reply.isSuccess()) {
            counts.refused(reply.code());
            RefusalRules.judge(spec, reply).ifPresent(findings::add);
            return;
        }
        FuzzObject created = FuzzObject.created(spec, reply.body());
        accepted.add(created);
        if (created.isQueue()) {
            String name = "p-" + spec.index() + "-" + round;
            createPlain(FuzzWorld.plainTask(name, created.name()), spec, true);
            createPlain(FuzzWorld.plainBatch(name, created.name()), spec, true);
        }
    }

    private void controls(String when) {
        world.client.forEach(FuzzWorld.RUNNING, queue -> {
            String name = "c-" + round + "-" + queue + "-" + when;
            createPlain(FuzzWorld.plainTask(name, queue), null, false);
            createPlain(FuzzWorld.plainBatch(name, queue), null, false);
        });
    }

    private void createPlain(ObjectNode object, @Nullable FuzzSpec spec, boolean ofOddQueue) {
        FuzzClient.Reply reply = world.client.create(object.path("kind").asText(), object, true);
        if (!reply.isSuccess() && !reply.isBusy()) {
            findings.add(new Finding("a plain object is refused", Finding.UNKNOWN, reply.text()));
        }
        if (reply.isSuccess()) {
            accepted.add(FuzzObject.plain(spec, reply.body(), ofOddQueue));
        }
    }

    /** Sends the patches that belong to the specs. */
    private void change(FuzzObject object) {
        FuzzSpec spec = object.spec();
        if (spec == null || object.isPlain() || spec.later().isEmpty()) {
            return;
        }
        FuzzClient.Reply reply = world.client.patch(spec.kind(), object.name(), spec.later());
        if (reply.isSuccess()) {
            object.changed(reply.body());
        } else if (reply.code() != 404 && !reply.isBusy()) {
            RefusalRules.judge(spec, reply).ifPresent(findings::add);
        }
    }

    private void settle() {
        var left = new ArrayList<FuzzObject>(accepted);
        Instant start = Instant.now();
        try {
            Awaitility.await().pollInterval(POLL).atMost(patience).until(() -> {
                Map<String, JsonNode> objects = objects();
                left.removeIf(object -> hasArrived(object, objects.get(object.uid()), start));
                return left.isEmpty();
            });
        } catch (ConditionTimeoutException late) {
            Map<String, JsonNode> objects = objects();
            left.forEach(object -> findings.add(object.finding(
                    object.isControl() ? "a plain object of a queue that runs is stuck" : "it is stuck",
                    String.valueOf(objects.get(object.uid())))));
        }
    }

    private Map<String, JsonNode> objects() {
        var objects = new HashMap<String, JsonNode>();
        for (String kind : List.of("Task", "TaskBatch", "TaskQueue")) {
            world.client
                    .list(kind)
                    .forEach(object -> objects.put(object.at("/metadata/uid").asText(), object));
        }
        return objects;
    }

    private boolean hasArrived(FuzzObject object, @Nullable JsonNode now, Instant start) {
        Optional<String> state = object.settled(now, Instant.now());
        state.ifPresent(arrived -> {
            if (object.arrive()) {
                counts.arrived(object.kind() + " " + arrived, object.index(), Duration.between(start, Instant.now()));
            }
            object.wrong(now, world.worker)
                    .ifPresent(wrong -> findings.add(object.finding(wrong, String.valueOf(now))));
        });
        return state.isPresent();
    }

    private void judgeProcess(long logged) {
        List<String> lines = world.operator.log().lines().skip(logged).toList();
        List<String> faults = OperatorLogRules.faults(lines);
        if (!faults.isEmpty()) {
            findings.add(new Finding(
                    "the operator's log shows a fault or a secret", Finding.UNKNOWN, String.join("\n", faults)));
        }
        String shown = String.join("\n", lines) + world.client.events() + world.operator.metrics();
        if (shown.contains("canary-") || world.worker.tokens().stream().anyMatch(shown::contains)) {
            findings.add(new Finding("the log, an event or a metric shows a secret", Finding.UNKNOWN, shown));
        }
        if (!world.operator.isAlive() || !world.operator.isReady()) {
            findings.add(new Finding("the operator is not ready", Finding.UNKNOWN, world.operator.log()));
        }
    }

    private void cleanUp() {
        Awaitility.await("an empty namespace")
                .pollInterval(POLL)
                .atMost(TestCluster.PATIENCE)
                .until(() -> {
                    int left = 0;
                    for (String kind : List.of("TaskBatch", "Task", "TaskQueue")) {
                        List<JsonNode> objects = world.client.list(kind).stream()
                                .filter(object -> !kind.equals("TaskQueue") || !FuzzWorld.isPermanent(name(object)))
                                .toList();
                        world.client.forEach(objects, object -> world.client.delete(kind, name(object)));
                        left += objects.size();
                    }
                    return left == 0;
                });
        try {
            Awaitility.await().atMost(patience).until(() -> held().isEmpty());
        } catch (ConditionTimeoutException stillHeld) {
            findings.add(new Finding("the operator still holds something", Finding.UNKNOWN, String.join("\n", held())));
        }
        world.worker.forget();
    }

    /** The lines of the metrics that say that something is in use. Tokens are kept for later requests. */
    private List<String> held() {
        return world.operator
                .metrics()
                .lines()
                .filter(line -> HELD.matcher(line).find() && !line.endsWith(" 0.0"))
                .toList();
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }
}

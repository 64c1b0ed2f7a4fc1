package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The Tasks that producers create, of all kinds. */
final class TaskDeck {
    /** A Service that never exists. */
    private static final String NOWHERE = "nowhere";

    /** A port that no Service has. */
    private static final String WRONG_PORT = "web";

    /** A queue that somebody creates late. */
    static final String MISSING = "missing";

    private final SplittableRandom random;
    private final Deck.Size size;

    TaskDeck(SplittableRandom random, Deck.Size size) {
        this.random = random;
        this.size = size;
    }

    List<PersonAction> actions() {
        var actions = new ArrayList<PersonAction>();
        for (int i = 0; i < size.tasks(); i++) {
            actions.add(create(i));
        }
        return actions;
    }

    /** Whether somebody named a Service or a port that is never there, so that the Task waits for ever. */
    static boolean waitsForEver(JsonNode task) {
        JsonNode service = task.path("spec").path("httpRequest").path("serviceRef");
        return service.path("name").asText().equals(NOWHERE)
                || service.path("port").asText().equals(WRONG_PORT);
    }

    /** A Task without a time, to which the worker answers 200. */
    static ObjectNode plain(String name, String queue) {
        ObjectNode task =
                Trees.object().put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "Task");
        task.putObject("metadata").put("name", name);
        ObjectNode spec = task.putObject("spec").put("dispatchDeadline", "10s");
        spec.putObject("queueRef").put("name", queue);
        spec.putObject("httpRequest").put("path", "/ok").putObject("serviceRef").put("name", "worker");
        return task;
    }

    static Send create(Duration at, String namespace, ObjectNode task) {
        return Send.create(at, ClusterDeck.API + namespace + "/tasks", task);
    }

    private Send create(int number) {
        // Producers stop before the faults do.
        Duration at =
                Duration.ofSeconds(1).plusNanos(random.nextLong(size.busy().toNanos() * 8 / 10));
        String namespace = Deck.NAMESPACES.get(random.nextInt(Deck.NAMESPACES.size()));
        ObjectNode task =
                Trees.object().put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "Task");
        ObjectNode metadata = task.putObject("metadata").put("name", "t" + number);
        ObjectNode spec = task.putObject("spec");
        spec.putObject("queueRef").put("name", queue());
        ObjectNode request = spec.putObject("httpRequest").put("path", path());
        request.putObject("serviceRef").put("name", random.nextInt(4) == 0 ? "pods" : "worker");
        if (number % 150 == 7) {
            spec.withObject("/httpRequest/serviceRef").put("port", WRONG_PORT);
        }
        time(spec, at);
        contents(spec, request, number);
        if (random.nextInt(40) == 0) {
            metadata.putObject("annotations")
                    .put("argocd.argoproj.io/tracking-id", "app:taskqueue.dev/Task:shop/t" + number);
        }
        return create(at, namespace, task);
    }

    private String queue() {
        return random.nextInt(100) == 0
                ? MISSING
                : ClusterDeck.QUEUES.get(random.nextInt(ClusterDeck.QUEUES.size() - 1));
    }

    private String path() {
        return switch (random.nextInt(20)) {
            case 0 -> "/fail/1/503";
            case 1 -> "/fail/2/500";
            case 2 -> "/status/500";
            case 3 -> "/status/404";
            case 4 -> "/slow/" + random.nextInt(500, 6_000);
            case 5 -> "/cut";
            case 6 -> "/odd";
            case 7 -> "/stop";
            case 8 -> "/pause/" + random.nextInt(1, 5);
            case 9 -> random.nextInt(4) == 0 ? "/hang" : "/ok";
            default -> "/ok";
        };
    }

    private void time(ObjectNode spec, Duration at) {
        Instant now = SimulatedProcess.START.plus(at);
        switch (random.nextInt(12)) {
            case 0, 1 ->
                spec.put("scheduleTime", now.plusMillis(random.nextInt(60_000)).toString());
            case 2 -> spec.put("delay", random.nextInt(1, 30) + "s");
            case 3 ->
                spec.put(
                        "expireTime",
                        now.plusMillis(random.nextInt(500, 40_000)).toString());
            case 4 -> {
                Instant due = now.plusMillis(random.nextInt(20_000));
                spec.put("scheduleTime", due.toString());
                spec.put(
                        "expireTime",
                        due.plusMillis(random.nextInt(200, 20_000)).toString());
            }
            default -> {}
        }
        if (random.nextInt(10) == 0) {
            spec.put("ttlAfterFinished", random.nextInt(20) + "s");
        }
        spec.put("dispatchDeadline", random.nextInt(2, 20) + "s");
    }

    private void contents(ObjectNode spec, ObjectNode request, int number) {
        switch (random.nextInt(12)) {
            case 0 -> {
                ObjectNode token = request.putObject("serviceAccountToken").put("serviceAccountName", "caller");
                if (number % 2 == 0) {
                    token.put("audience", "https://orders.example");
                }
            }
            case 1 -> key(request.putObject("bodyFrom").putObject("secretKeyRef"));
            case 2 -> key(request.putObject("bodyFrom").putObject("configMapKeyRef"));
            case 3 -> request.put("body", "x".repeat(random.nextInt(20_000)));
            case 4 -> request.putObject("headers").put("X-Order", "4711");
            default -> {}
        }
        if (random.nextInt(200) == 0) {
            spec.withObject("/httpRequest/serviceRef").put("name", NOWHERE);
        }
    }

    private static void key(ObjectNode reference) {
        reference.put("name", "payload").put("key", "body");
    }
}

package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.PersonAction.RestoreWithoutStatus;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The TaskBatches that producers create, and what people do to them. */
final class BatchDeck {
    private static final int TASKS_FOR_ONE_BATCH = 100;
    private static final int FEWEST = 4;
    private static final int MOST = 12;
    /** A batch may go to any of these; more often to the one with dead letters. */
    private static final List<String> QUEUES =
            List.of("letters", "letters", "letters", "fast", "slow", "narrow", "strict", "stubborn", "shared", "gone");

    private final SplittableRandom random;
    private final Deck.Size size;
    private final List<PersonAction> actions = new ArrayList<>();

    BatchDeck(SplittableRandom random, Deck.Size size) {
        this.random = random;
        this.size = size;
    }

    List<PersonAction> actions() {
        int batches = Math.clamp(size.tasks() / TASKS_FOR_ONE_BATCH, FEWEST, MOST);
        for (int i = 0; i < batches; i++) {
            batch(i);
        }
        return actions;
    }

    private void batch(int number) {
        // Producers stop before the faults do.
        Duration at =
                Duration.ofSeconds(1).plusNanos(random.nextLong(size.busy().toNanos() * 7 / 10));
        String collection =
                ClusterDeck.API + Deck.NAMESPACES.get(random.nextInt(Deck.NAMESPACES.size())) + Step.BATCHES;
        ObjectNode batch =
                Trees.object().put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "TaskBatch");
        ObjectNode metadata = batch.putObject("metadata").put("name", "b" + number);
        if (random.nextInt(5) == 0) {
            metadata.putObject("annotations")
                    .put("argocd.argoproj.io/tracking-id", "app:taskqueue.dev/TaskBatch:b" + number);
        }
        ObjectNode spec = batch.putObject("spec");
        spec.putObject("queueRef").put("name", QUEUES.get(random.nextInt(QUEUES.size())));
        ObjectNode template = spec.putObject("template").put("dispatchDeadline", random.nextInt(2, 20) + "s");
        ObjectNode request = template.putObject("httpRequest").put("path", path());
        request.putObject("serviceRef").put("name", random.nextInt(4) == 0 ? "pods" : "worker");
        int total = items(spec, at);
        time(spec, at);
        ending(spec, total);
        actions.add(Send.create(at, collection, batch));
        people(collection, number, at, total, batch);
    }

    private String path() {
        return switch (random.nextInt(12)) {
            case 0 -> "/fail/1/503";
            case 1 -> "/fail/2/500";
            case 2 -> "/status/500";
            case 3 -> "/status/404";
            case 4 -> "/slow/" + random.nextInt(500, 4_000);
            case 5 -> "/cut";
            case 6, 7 -> "/odd";
            case 8 -> "/pause/" + random.nextInt(1, 5);
            default -> "/ok";
        };
    }

    /** Writes the items in one of the three forms. Returns how many there are. */
    private int items(ObjectNode spec, Duration at) {
        int total = random.nextInt(1, 25);
        switch (random.nextInt(4)) {
            case 0 -> spec.put("count", total);
            case 1 -> {
                ArrayNode items = spec.putArray("items");
                for (int i = 0; i < total; i++) {
                    item(items.addObject(), at, i);
                }
            }
            default -> {
                var lines = new StringBuilder();
                for (int i = 0; i < total; i++) {
                    lines.append(item(Trees.object(), at, i)).append('\n');
                }
                spec.put("lines", lines.toString());
            }
        }
        return total;
    }

    private ObjectNode item(ObjectNode item, Duration at, int number) {
        item.put("path", path());
        if (random.nextInt(3) == 0) {
            item.put("key", "k-" + number);
        }
        switch (random.nextInt(8)) {
            case 0 -> item.put("delay", random.nextInt(1, 15) + "s");
            case 1 ->
                item.put(
                        "scheduleTime",
                        SimulatedProcess.START
                                .plus(at)
                                .plusMillis(random.nextInt(20_000))
                                .toString());
            case 2 -> item.put("body", "x".repeat(random.nextInt(200)));
            case 3 -> item.putObject("headers").put("X-Order", "4711");
            default -> {}
        }
        return item;
    }

    private void time(ObjectNode spec, Duration at) {
        Instant now = SimulatedProcess.START.plus(at);
        switch (random.nextInt(8)) {
            case 0 ->
                spec.put("scheduleTime", now.plusMillis(random.nextInt(20_000)).toString());
            case 1 -> spec.put("delay", random.nextInt(1, 15) + "s");
            case 2 ->
                spec.put(
                        "expireTime",
                        now.plusMillis(random.nextInt(1_000, 40_000)).toString());
            default -> {}
        }
    }

    private void ending(ObjectNode spec, int total) {
        if (random.nextInt(4) == 0) {
            spec.put("maxFailed", random.nextInt(total));
        }
        spec.put("ttlAfterFinished", random.nextInt(20, 120) + "s");
        if (random.nextInt(3) > 0) {
            ObjectNode report = spec.putObject("onFinished");
            report.put("when", List.of("Always", "Succeeded", "Failed").get(random.nextInt(3)));
            report.putObject("queueRef").put("name", "fast");
            report.putObject("httpRequest")
                    .put("path", "/ok")
                    .putObject("serviceRef")
                    .put("name", "worker");
        }
    }

    private void people(String collection, int number, Duration created, int total, ObjectNode batch) {
        String path = collection + "/b" + number;
        Duration at = created.plusMillis(random.nextInt(50, 15_000));
        switch (random.nextInt(11)) {
            case 0 -> annotate(at, path, "cancel", "too many orders");
            case 1 -> {
                annotate(at, path, "hold", "maintenance");
                release(at.plusMillis(random.nextInt(20_000)), path);
            }
            case 2 -> annotate(at, path, "run-now", random.nextInt(total) + " v" + number);
            case 3 -> annotate(at, path, "run-now", "all-" + number);
            case 4, 5 -> {
                annotate(at, path, "redrive", "r" + number);
                annotate(at.plusMillis(random.nextInt(1, 20_000)), path, "redrive", "again" + number);
            }
            case 6 -> {
                actions.add(Send.delete(at, path));
                actions.add(Send.create(at.plusMillis(random.nextInt(1, 3_000)), collection, batch));
            }
            case 7 -> actions.add(new RestoreWithoutStatus(at, path));
            case 8 -> {
                annotate(at, path, "cancel", "first");
                annotate(at.plusMillis(random.nextInt(1, 9_000)), path, "redrive", "after-cancel");
            }
            default -> {}
        }
        // At the end nothing is held, so that every batch can come to its end.
        release(size.busy().multipliedBy(95).dividedBy(100), path);
    }

    private void annotate(Duration at, String path, String name, String value) {
        actions.add(Send.patch(
                at, path, "{\"metadata\":{\"annotations\":{\"taskqueue.dev/" + name + "\":\"" + value + "\"}}}"));
    }

    private void release(Duration at, String path) {
        actions.add(Send.patch(at, path, "{\"metadata\":{\"annotations\":{\"taskqueue.dev/hold\":null}}}"));
    }
}

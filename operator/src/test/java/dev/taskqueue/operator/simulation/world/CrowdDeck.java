package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Many Tasks and full batches that differ little from each other, beside those of the other decks: queues with a thousand waiting, full pools, limits that
 * are reached. They go to the queues that have no narrow limit, and at the end people take away the limits that others have set there.
 */
final class CrowdDeck {
    private static final int ITEMS_OF_A_FULL_BATCH = 1_000;
    private static final List<String> QUEUES = List.of("fast", "letters", "shared", "gone");

    private final SplittableRandom random;
    private final Deck.Size size;

    CrowdDeck(SplittableRandom random, Deck.Size size) {
        this.random = random;
        this.size = size;
    }

    List<PersonAction> actions() {
        var actions = new ArrayList<PersonAction>();
        for (int i = 0; i < size.crowd(); i++) {
            actions.add(task(i));
        }
        for (int i = 0; i < size.fullBatches(); i++) {
            actions.add(batch(i));
        }
        if (size.crowd() > 0) {
            takeLimitsAway(actions);
        }
        return actions;
    }

    /** Producers stop before the faults do. */
    private Duration at() {
        return Duration.ofSeconds(1).plusNanos(random.nextLong(size.busy().toNanos() * 7 / 10));
    }

    private Send task(int number) {
        ObjectNode task = object("Task", "c" + number);
        ObjectNode spec = task.putObject("spec");
        request(spec, spec);
        if (random.nextInt(10) == 0) {
            spec.put("delay", random.nextInt(1, 20) + "s");
        }
        return Send.create(at(), ClusterDeck.API + namespace() + "/tasks", task);
    }

    private Send batch(int number) {
        ObjectNode batch = object("TaskBatch", "full" + number);
        ObjectNode spec = batch.putObject("spec");
        request(spec, spec.putObject("template"));
        if (random.nextBoolean()) {
            spec.put("count", ITEMS_OF_A_FULL_BATCH);
        } else {
            var lines = new StringBuilder();
            for (int i = 0; i < ITEMS_OF_A_FULL_BATCH; i++) {
                lines.append("{\"path\":\"")
                        .append(path())
                        .append("\",\"key\":\"k-")
                        .append(i)
                        .append("\"}\n");
            }
            spec.put("lines", lines.toString());
        }
        spec.put("ttlAfterFinished", random.nextInt(5, 60) + "s");
        return Send.create(at(), ClusterDeck.API + namespace() + Step.BATCHES, batch);
    }

    private static ObjectNode object(String kind, String name) {
        ObjectNode object =
                Trees.object().put("apiVersion", "taskqueue.dev/v1beta1").put("kind", kind);
        object.putObject("metadata").put("name", name);
        return object;
    }

    private void request(ObjectNode spec, ObjectNode template) {
        spec.putObject("queueRef").put("name", QUEUES.get(random.nextInt(QUEUES.size())));
        template.put("dispatchDeadline", random.nextInt(5, 20) + "s");
        template.putObject("httpRequest")
                .put("path", path())
                .putObject("serviceRef")
                .put("name", random.nextInt(4) == 0 ? "pods" : "worker");
    }

    /** Most succeed at once, so that a queue is slowed down by others and not by them. */
    private String path() {
        return switch (random.nextInt(50)) {
            case 0 -> "/fail/1/500";
            case 1 -> "/status/404";
            case 2 -> "/slow/" + random.nextInt(500, 3_000);
            default -> "/ok";
        };
    }

    private String namespace() {
        return Deck.NAMESPACES.get(random.nextInt(Deck.NAMESPACES.size()));
    }

    /** So that all of them come to their end. */
    private void takeLimitsAway(List<PersonAction> actions) {
        // After the others have restored what was deleted.
        Duration end = size.busy().multipliedBy(96).dividedBy(100);
        for (String namespace : Deck.NAMESPACES) {
            for (String queue : QUEUES) {
                actions.add(Send.patch(
                        end, ClusterDeck.API + namespace + "/taskqueues/" + queue, "{\"spec\":{\"rateLimits\":null}}"));
            }
        }
    }
}

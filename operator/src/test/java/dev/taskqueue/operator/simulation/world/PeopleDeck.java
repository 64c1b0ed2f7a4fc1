package dev.taskqueue.operator.simulation.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.simulation.world.PersonAction.RedriveFailed;
import dev.taskqueue.operator.simulation.world.PersonAction.RestoreWithoutStatus;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/** What people do to queues, Tasks and the objects that those refer to, besides creating Tasks. */
final class PeopleDeck {
    private static final int TASKS_FOR_ONE_ACTION = 12;
    private static final int HUGE = 100_000;

    private final SplittableRandom random;
    private final Deck.Size size;
    private final List<PersonAction> actions = new ArrayList<>();

    PeopleDeck(SplittableRandom random, Deck.Size size) {
        this.random = random;
        this.size = size;
    }

    List<PersonAction> actions() {
        for (int i = 0; i < size.tasks() / TASKS_FOR_ONE_ACTION; i++) {
            if (random.nextInt(4) == 0) {
                onQueue(i);
            } else {
                onTask(i);
            }
        }
        for (int i = 0; i < size.tasks() / 250; i++) {
            onOthers();
        }
        restoreQueues();
        return actions;
    }

    private Duration at() {
        return Duration.ofSeconds(3).plusNanos(random.nextLong(size.busy().toNanos() * 85 / 100));
    }

    private String namespace() {
        return Deck.NAMESPACES.get(random.nextInt(Deck.NAMESPACES.size()));
    }

    private void onTask(int number) {
        String path = ClusterDeck.API + namespace() + "/tasks/t" + random.nextInt(size.tasks());
        Duration at = at();
        switch (random.nextInt(8)) {
            case 0, 1 -> annotate(at, path, "run-now", value(number));
            case 2 -> annotate(at, path, "redrive", value(number));
            case 3 -> actions.add(new RedriveFailed(at, namespace(), value(number)));
            case 4 -> actions.add(Send.delete(at, path));
            case 5 -> actions.add(Send.patch(at, path, "{\"metadata\":{\"labels\":{\"edited\":\"e" + number + "\"}}}"));
            case 6 -> actions.add(new RestoreWithoutStatus(at, path));
            default -> {
                // Two edits in a row: conflicts with what the operator writes.
                annotate(at, path, "redrive", value(number));
                actions.add(Send.patch(
                        at.plusMillis(random.nextInt(1, 30)), path, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
            }
        }
    }

    private String value(int number) {
        return random.nextInt(30) < 6 ? number + "-" + "x".repeat(HUGE) : "v" + number;
    }

    private void annotate(Duration at, String path, String name, String value) {
        actions.add(Send.patch(
                at, path, "{\"metadata\":{\"annotations\":{\"taskqueue.dev/" + name + "\":\"" + value + "\"}}}"));
    }

    private void onQueue(int number) {
        String namespace = namespace();
        String queue = ClusterDeck.QUEUES.get(random.nextInt(ClusterDeck.QUEUES.size()));
        String path = ClusterDeck.API + namespace + "/taskqueues/" + queue;
        Duration at = at();
        switch (random.nextInt(8)) {
            case 0 -> {
                spec(at, path, "\"state\":\"Paused\"");
                spec(later(at, 15_000), path, "\"state\":\"Running\"");
            }
            case 1 -> {
                annotate(at, path, "hold", "maintenance");
                actions.add(Send.patch(
                        later(at, 15_000), path, "{\"metadata\":{\"annotations\":{\"taskqueue.dev/hold\":null}}}"));
            }
            case 2 ->
                spec(
                        at,
                        path,
                        "\"rateLimits\":{\"maxDispatchesPerSecond\":\"" + random.nextInt(1, 50) + "\",\"maxBurstSize\":"
                                + random.nextInt(1, 20) + "}");
            case 3 -> spec(at, path, "\"rateLimits\":{\"maxConcurrentDispatches\":" + random.nextInt(1, 20) + "}");
            case 4 -> spec(at, path, "\"retry\":{\"maxAttempts\":" + random.nextInt(1, 5) + ",\"minBackoff\":\"1s\"}");
            case 5 -> {
                // Now and then somebody names a time that has not come yet.
                int ago = random.nextInt(20_000) * (number % 3 == 0 ? -1 : 1);
                spec(
                        at,
                        path,
                        "\"purgeBefore\":\"" + SimulatedProcess.START.plus(at).minusMillis(ago) + "\"");
            }
            case 6 -> annotate(at, path, "redrive", "all-" + number);
            default -> {
                actions.add(Send.delete(at, path));
                actions.add(new ClusterDeck(random.split()).queue(namespace, queue, later(at, 10_000)));
            }
        }
    }

    private Duration later(Duration at, int most) {
        return at.plusMillis(random.nextInt(most));
    }

    private void spec(Duration at, String path, String fields) {
        actions.add(Send.patch(at, path, "{\"spec\":{" + fields + "}}"));
    }

    /** Something that Tasks refer to goes away, and comes back under the same name. */
    private void onOthers() {
        String namespace = namespace();
        Duration at = at();
        Duration back = later(at, 20_000);
        String core = "/api/v1/namespaces/" + namespace;
        switch (random.nextInt(6)) {
            case 0 -> {
                actions.add(Send.delete(at, core + "/services/worker"));
                actions.addAll(ClusterDeck.services(namespace, back));
            }
            case 1 -> {
                actions.add(Send.delete(at, core + "/serviceaccounts/caller"));
                actions.add(
                        ClusterDeck.create(back, core + "/serviceaccounts", "v1", "ServiceAccount", "caller", "{}"));
            }
            case 2 -> {
                actions.add(Send.delete(at, core + "/secrets/payload"));
                actions.add(ClusterDeck.create(
                        back, core + "/secrets", "v1", "Secret", "payload", "{\"data\":{\"body\":\"eyJhIjoyfQ==\"}}"));
            }
            case 3 -> {
                String slice = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices/worker-1";
                actions.add(Send.patch(
                        at,
                        slice,
                        "{\"endpoints\":[{\"addresses\":[\"10.244.9.9\"],\"conditions\":{\"ready\":false}}]}"));
                actions.add(Send.patch(
                        back,
                        slice,
                        "{\"endpoints\":[{\"addresses\":[\"10.244.9.9\"],\"conditions\":{\"ready\":true}}]}"));
            }
            case 4 -> {
                int version = random.nextInt(10, 100);
                String secret = Base64.getEncoder().encodeToString(("{\"a\":" + version + "}").getBytes(UTF_8));
                contents(at, core + "/secrets/payload", secret);
                contents(back, core + "/configmaps/payload", "{\\\"a\\\":" + version + "}");
            }
            default -> {
                if (random.nextInt(6) == 0) {
                    replaceNamespace(namespace, at, back);
                }
            }
        }
    }

    private void contents(Duration at, String path, String body) {
        actions.add(Send.patch(at, path, "{\"data\":{\"body\":\"" + body + "\"}}"));
    }

    private void replaceNamespace(String namespace, Duration at, Duration back) {
        actions.add(Send.delete(at, "/api/v1/namespaces/" + namespace));
        actions.addAll(ClusterDeck.namespace(namespace, back));
        var deck = new ClusterDeck(random.split());
        ClusterDeck.QUEUES.forEach(queue -> actions.add(deck.queue(namespace, queue, back)));
    }

    /** At the end of the plan every queue runs, and everything that Tasks refer to is there: so every Task can come to its end. */
    private void restoreQueues() {
        Duration end = size.busy().multipliedBy(95).dividedBy(100);
        var deck = new ClusterDeck(random.split());
        actions.add(ClusterDeck.create(end, "/api/v1/namespaces", "v1", "Namespace", "taskqueue-system", "{}"));
        for (String namespace : Deck.NAMESPACES) {
            actions.addAll(ClusterDeck.namespace(namespace, end));
            actions.add(deck.queue(namespace, TaskDeck.MISSING, end));
            spec(
                    end,
                    ClusterDeck.API + namespace + "/taskqueues/stubborn",
                    "\"retry\":{\"maxAttempts\":3,\"maxBackoff\":\"2s\"}");
            for (String queue : ClusterDeck.QUEUES) {
                actions.add(deck.queue(namespace, queue, end));
                String path = ClusterDeck.API + namespace + "/taskqueues/" + queue;
                actions.add(
                        Send.patch(
                                end,
                                path,
                                "{\"metadata\":{\"annotations\":{\"taskqueue.dev/hold\":null}},\"spec\":{\"state\":\"Running\"}}"));
            }
        }
    }
}

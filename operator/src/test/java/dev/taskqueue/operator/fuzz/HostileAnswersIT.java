package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * A worker answers in hundreds of odd ways. Each attempt ends as a success or a failure, no request is repeated, and the Tasks in between, on the
 * same worker, are delivered.
 */
class HostileAnswersIT {
    private static final int ANSWERS = 400;
    /** How an attempt ends whose request the worker did not read. */
    private static final Set<String> UNREAD = Set.of("ConnectionClosed", "DeadlineExceeded");

    private final long seed =
            Long.getLong("fuzz.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    private final AnswerDeck deck = new AnswerDeck(seed);

    @AutoClose
    private final FuzzWorld world = new FuzzWorld(new WorkerAnswers(seed));

    @Test
    void eachEndsInADefinedOutcomeAndTheNextTaskIsDelivered() {
        System.out.println("[fuzz] hostile answers of seed " + seed);
        world.cluster.queue(
                "hostile",
                "{dispatchDeadline: 1s, throttling: Disabled, recordResponse: Failures, rateLimits: {maxConcurrentDispatches: 8}, retry: {maxAttempts: 1}}");
        List<Integer> numbers = IntStream.range(0, ANSWERS).boxed().toList();
        world.client.forEach(numbers, number -> {
            create("h-" + number, "hostile");
            create("n-" + number, "neighbour");
        });
        var tasks = new ArrayList<JsonNode>();
        await().pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            tasks.clear();
            tasks.addAll(world.client.list("Task"));
            assertThat(tasks.stream().filter(HostileAnswersIT::hasEnded)).hasSize(2 * ANSWERS);
        });
        assertThat(wrong(tasks).stream().limit(10)).as("seed " + seed).isEmpty();
        assertThat(OperatorLogRules.faults(world.operator.log().lines().toList()))
                .as("seed " + seed)
                .isEmpty();
        assertThat(world.operator.isReady()).isTrue();
        print(tasks);
    }

    private void create(String name, String queue) {
        FuzzClient.Reply reply = world.client.create("Task", FuzzWorld.plainTask(name, queue), true);
        assertThat(reply.isSuccess()).as(reply.text()).isTrue();
    }

    private static boolean hasEnded(JsonNode task) {
        return Set.of("Succeeded", "Failed").contains(state(task));
    }

    private List<String> wrong(List<JsonNode> tasks) {
        var wrong = new ArrayList<String>();
        for (JsonNode task : tasks) {
            FuzzWorker.Arrivals arrivals =
                    world.worker.arrivals(task.at("/metadata/uid").asText());
            TaskRules.wrong(task)
                    .or(() -> RequestRules.wrong(task, arrivals))
                    .ifPresent(fault -> wrong.add(fault + ": " + describe(task)));
            boolean unread = wasNotRead(task, arrivals);
            if (name(task).startsWith("n-")) {
                if (task.toString().contains("\"statusCode\":418")
                        || (!unread && !state(task).equals("Succeeded"))) {
                    wrong.add("a Task got the answer to another one: " + describe(task));
                }
                continue;
            }
            int code = answer(task).statusCode();
            // On a busy machine a sound answer may come too late.
            boolean late = task.at("/status/lastAttempt/reason").asText().equals("DeadlineExceeded");
            if (code > 0
                    && !unread
                    && !late
                    && task.at("/status/lastAttempt/statusCode").asInt() != code) {
                wrong.add("a sound answer was not read: " + describe(task));
            }
        }
        return wrong;
    }

    /**
     * Whether the worker read fewer requests than were sent. It promised to keep a connection open by a sound answer, but closed it, or reads on no
     * more. A request that was sent on it meanwhile has no answer.
     */
    private static boolean wasNotRead(JsonNode task, FuzzWorker.Arrivals arrivals) {
        return UNREAD.contains(task.at("/status/lastAttempt/reason").asText())
                && arrivals.count() < task.at("/status/dispatchCount").asInt();
    }

    private RawAnswer answer(JsonNode task) {
        return deck.answer(Integer.parseInt(name(task).substring(2)));
    }

    private String describe(JsonNode task) {
        String answer = name(task).startsWith("h-") ? answer(task).shape() : "";
        return name(task) + " [" + answer + "] " + task.path("status");
    }

    private void print(List<JsonNode> tasks) {
        Set<String> shapes = new HashSet<>();
        for (int i = 0; i < ANSWERS; i++) {
            shapes.add(deck.answer(i).shape());
        }
        Map<String, Long> reasons = tasks.stream()
                .filter(task -> name(task).startsWith("h-"))
                .collect(Collectors.groupingBy(
                        task -> task.at("/status/lastAttempt/reason").asText(), Collectors.counting()));
        System.out.println("[fuzz] " + shapes.size() + " different answers: " + reasons);
        assertThat(shapes).hasSizeGreaterThan(200);
    }

    private static String name(JsonNode task) {
        return task.at("/metadata/name").asText();
    }

    private static String state(JsonNode task) {
        return task.at("/status/state").asText();
    }
}

package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Reason;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random Tasks need random parts of Services and Secrets, which appear and disappear. Once nothing changes any more, every Task that could be sent
 * was sent. Each other Task waits for an obstacle of its own.
 */
class ObstaclePropertyTest {
    private static final int STEPS = 1500;
    private static final String QUEUE = "q";
    private static final Obstacle UNREADABLE =
            new Obstacle(Reason.ApiServerUnavailable, Story.subject(Kind.ApiServer, ""), "The Task cannot be read.");

    private final Story story = new Story();
    /** The current faults, by object or by object and part. Everything that is not in this map has no fault. */
    private final Map<String, String> wrong = new HashMap<>();

    private final Map<String, Needs> needs = new HashMap<>();
    private final Set<String> cancelled = new HashSet<>();

    private record Needs(
            String service, String port, @Nullable String secret, String key) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyTaskWaitsForItsOwnObstacle(long seed) {
        var random = new SplittableRandom(seed);
        story.shuffle(random.split());
        story.worker.looksAt(this::obstacle);
        SplittableRandom durations = random.split();
        story.barriers.takes(
                "prepare *", _ -> Duration.ofMillis(durations.nextInt(15) == 0 ? 3000 : durations.nextInt(20)));
        story.applySettings(queue(QUEUE).rate(100, 20).concurrent(5));
        for (int step = 0; step < STEPS; step++) {
            happen(random, step);
            if (random.nextInt(3) == 0) {
                story.until(story.time.passed().plusMillis(random.nextInt(700)));
            }
        }
        story.engine.endPurge(queue(QUEUE).id());
        story.applySettings(queue(QUEUE).rate(100, 20).concurrent(5));
        // Probes by time are at most 30 s apart, and a preparation lasts at most 3 s.
        story.until(story.time.passed().plusSeconds(120));
        thenEachWaitsForItsOwn();
        int looks = story.worker.looks.size();
        story.until(story.time.passed().plus(Duration.ofHours(1)));
        assertThat(story.worker.looks.size() - looks).isLessThanOrEqualTo(thenEachWaitsForItsOwn() * 121);
    }

    private void happen(SplittableRandom random, int step) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> create("t" + step, random);
            case 6, 7, 8, 9, 10 -> changeService(random);
            case 11, 12, 13 -> change("Secret key" + random.nextInt(2), random, "k" + random.nextInt(6), 4);
            case 14 -> change("task", random, "t" + random.nextInt(STEPS), 2);
            case 15 ->
                any(random, name -> {
                    cancelled.add(name);
                    story.cancel(name);
                });
            case 16 -> any(random, name -> story.engine.runNow(story.delivery(name)));
            case 17 -> purge(random);
            case 18 -> story.engine.discardPrepared(queue(QUEUE).id());
            default ->
                story.applySettings(
                        random.nextInt(3) == 0
                                ? queue(QUEUE).paused()
                                : queue(QUEUE).rate(100, 20));
        }
    }

    private void create(String name, SplittableRandom random) {
        String secret = random.nextInt(3) == 0 ? "key" + random.nextInt(2) : null;
        needs.put(name, new Needs("web" + random.nextInt(2), "p" + random.nextInt(5), secret, "k" + random.nextInt(6)));
        TestingTask task = TestingTask.task(name, QUEUE)
                .created(story.time.passed().toSeconds() + "s")
                .due(story.clocks.instant().plusMillis(random.nextInt(4) == 0 ? random.nextInt(9000) : 0));
        story.offer(random.nextInt(6) == 0 ? task.expires(story.time.passed().toSeconds() + 20 + "s") : task);
    }

    private void changeService(SplittableRandom random) {
        String service = "web" + random.nextInt(2);
        change("Service " + service, random, "p" + random.nextInt(5), 5);
        story.wake(Story.subject(Kind.Service, service));
    }

    /** Sets a random state of the whole object or of one part of it: no fault, or one of two faults. */
    private void change(String object, SplittableRandom random, String part, int wholeEvery) {
        String what = random.nextInt(wholeEvery) == 0 ? object : object + " " + part;
        switch (random.nextInt(4)) {
            case 0 -> wrong.put(what, "is missing");
            case 1 -> wrong.put(what, "is not ready");
            default -> wrong.remove(what);
        }
    }

    private void any(SplittableRandom random, Consumer<String> action) {
        List<String> names = needs.keySet().stream()
                .filter(name -> !cancelled.contains(name))
                .sorted()
                .toList();
        if (!names.isEmpty()) {
            action.accept(names.get(random.nextInt(names.size())));
        }
    }

    private void purge(SplittableRandom random) {
        if (random.nextBoolean()) {
            story.engine.purge(queue(QUEUE).id(), story.clocks.instant().minusMillis(random.nextInt(60_000)));
        } else {
            story.engine.endPurge(queue(QUEUE).id());
        }
    }

    /** The result of the Task's own preparation: its first obstacle. */
    private @Nullable Obstacle obstacle(String name) {
        return obstacles(name).stream().findFirst().orElse(null);
    }

    /** All current obstacles of the Task. */
    private List<Obstacle> obstacles(String name) {
        Needs needed = Objects.requireNonNull(needs.get(name));
        boolean isUnreadable = wrong.containsKey("task " + name) || wrong.containsKey("task");
        return Stream.of(
                        isUnreadable ? UNREADABLE : null,
                        fault(Kind.Service, needed.service(), needed.port()),
                        needed.secret() == null ? null : fault(Kind.Secret, needed.secret(), needed.key()))
                .filter(Objects::nonNull)
                .toList();
    }

    private @Nullable Obstacle fault(Kind kind, String name, String part) {
        String whole = kind + " " + name;
        String fault = wrong.getOrDefault(whole, wrong.get(whole + " " + part));
        return fault == null
                ? null
                : new Obstacle(
                        fault.equals("is missing") ? Reason.TargetNotFound : Reason.NoReadyEndpoint,
                        new Subject(kind, TestingQueue.NAMESPACE, name, part),
                        whole + " with " + part + " " + fault + ".");
    }

    /** Returns the number of causes that are probed by time. */
    private int thenEachWaitsForItsOwn() {
        Set<String> ended = story.journal.pages.stream()
                .filter(page -> page.entry() instanceof Journal.Entry.Finished)
                .map(page -> page.task().name())
                .collect(Collectors.toSet());
        var left = new ArrayList<>(needs.keySet());
        left.removeAll(ended);
        left.removeAll(cancelled);
        assertThat(left).isNotEmpty();
        Map<Reason, Integer> waiting = new HashMap<>();
        for (String name : left) {
            assertThat(obstacles(name)).as("%s could be sent", name).isNotEmpty();
            Obstacle shown = shownObstacle(name);
            // If a Task has two obstacles, the status may show either, but it must be its own obstacle and still exist.
            assertThat(obstacles(name)).as(name).contains(shown);
            waiting.merge(shown.reason(), 1, Integer::sum);
        }
        assertThat(story.stats(QUEUE).waiting()).isEqualTo(waiting);
        return (int) left.stream()
                .map(this::shownObstacle)
                .filter(shown -> shown.subject().kind().detection() == Obstacle.Detection.PROBED)
                .distinct()
                .count();
    }

    private Obstacle shownObstacle(String name) {
        assertThat(story.status(name)).as(name).isInstanceOf(DeliveryStatus.Blocked.class);
        return ((DeliveryStatus.Blocked) Objects.requireNonNull(story.status(name))).obstacle();
    }
}

package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Reason;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of random events happen to several queues, in a random order of threads. All promises hold until the end. */
class SoakStoryTest {
    private static final int STEPS = 3000;
    private static final List<String> QUEUES = List.of("q0", "q1", "q2", "q3");
    private static final List<Obstacle.Subject> SUBJECTS = List.of(
            Story.subject(Kind.Service, "web"), Story.subject(Kind.Service, "api"), Story.subject(Kind.Secret, "key"));

    private final Story story = new Story(new EngineLimits(40, 10));
    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, String> open = new HashMap<>();
    private final Set<String> created = new HashSet<>();
    private final Set<String> cancelled = new HashSet<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingIsLostSentTwiceAtOnceOrLeftOver(long seed) {
        var random = new SplittableRandom(seed);
        story.shuffle(random.split());
        script(random.split());
        for (int step = 0; step < STEPS; step++) {
            happen(random, step);
            if (random.nextInt(3) > 0) {
                story.until(story.time.passed().plusMillis(random.nextInt(400)));
            }
            look();
        }
        putInOrder();
        story.until(story.time.passed().plus(Duration.ofHours(3)));
        theEnd();
    }

    /** Requests take some time, fail or hang, and writes take some time. */
    private void script(SplittableRandom random) {
        story.barriers.takes("prepare *", _ -> Duration.ofMillis(random.nextInt(20) == 0 ? 6000 : random.nextInt(30)));
        story.barriers.takes("send *", _ -> Duration.ofMillis(random.nextInt(30) == 0 ? 20_000 : random.nextInt(300)));
        story.barriers.takes("write *", _ -> Duration.ofMillis(random.nextInt(40)));
        story.worker.otherwise((_, _) -> Outcome.Answered.of(random.nextInt(3) == 0 ? 503 : 200));
        story.worker.watch((attempt, begins) -> {
            String name = Story.taskOf(attempt);
            if (begins) {
                assertThat(open.put(name, attempt.queue().name()))
                        .as("%s sent twice at once", name)
                        .isNull();
                assertThat(attempt.dispatchedAt()).isAfterOrEqualTo(attempt.scheduledAt());
                assertThat(cancelled).doesNotContain(name);
                String queue = attempt.queue().name();
                assertThat(story.openRequests(queue)).isLessThanOrEqualTo(limits.getOrDefault(queue, 0));
                assertThat(story.fence.isOpen()).isTrue();
            } else {
                open.remove(name);
            }
        });
    }

    private void happen(SplittableRandom random, int step) {
        String queue = QUEUES.get(random.nextInt(QUEUES.size()));
        Obstacle.Subject subject = SUBJECTS.get(random.nextInt(SUBJECTS.size()));
        switch (random.nextInt(40)) {
            case 0, 1 -> applySettings(queue, random);
            case 2 -> {
                if (random.nextInt(5) == 0) {
                    story.engine.removeQueue(queue(queue).id());
                }
            }
            case 3, 4, 5 -> cancelOne(random);
            case 6 -> story.worker.breaks(Reason.NoReadyEndpoint, subject);
            case 7, 8, 9 -> {
                story.worker.mends(subject);
                story.wake(subject);
            }
            case 10 -> story.engine.ring(queue(queue).id());
            case 11 -> {
                if (random.nextInt(4) == 0) {
                    story.fence.close();
                }
            }
            case 12, 13 -> story.fence.reopen();
            case 14 -> story.engine.purge(queue(queue).id(), StoryClocks.START.plusSeconds(random.nextInt(3)));
            case 15, 16 -> story.engine.endPurge(queue(queue).id());
            default -> create("t" + step, queue, random);
        }
    }

    private void applySettings(String queue, SplittableRandom random) {
        // Requests that were decided under the old limit are sent under it.
        story.soon();
        int limit = random.nextInt(1, 12);
        TestingQueue settings = queue(queue)
                .rate(random.nextDouble(0.5, 40), random.nextInt(1, 20))
                .concurrent(limit)
                .backoff("100ms", "5s", 3);
        story.applySettings(
                random.nextInt(6) == 0 ? settings.paused() : random.nextBoolean() ? settings : settings.adaptive());
        limits.put(queue, limit);
    }

    private void create(String name, String queue, SplittableRandom random) {
        TestingTask task = task(name, queue)
                .created(random.nextInt(3) + "s")
                .due(story.clocks.instant().plusMillis(random.nextInt(4) == 0 ? random.nextInt(20_000) : 0));
        if (random.nextInt(3) == 0) {
            story.worker.needs(name, SUBJECTS.get(random.nextInt(SUBJECTS.size())));
        }
        created.add(name);
        story.offer(task);
    }

    private void cancelOne(SplittableRandom random) {
        var names = new ArrayList<>(created);
        if (!names.isEmpty()) {
            String name = names.stream().sorted().toList().get(random.nextInt(names.size()));
            cancelled.add(name);
            story.cancel(name);
        }
    }

    /** Checks what must always hold. After a limit has fallen, the requests in flight may finish. */
    private void look() {
        assertThat(story.engine.unfinishedAttempts()).isGreaterThanOrEqualTo(open.size());
        for (String queue : QUEUES) {
            int now = (int) open.values().stream().filter(queue::equals).count();
            assertThat(now).isEqualTo(story.openRequests(queue));
            story.engine.stats(queue(queue).id()).ifPresent(stats -> {
                assertThat(stats.dispatching()).isGreaterThanOrEqualTo(now);
                assertThat(stats.queued()).isGreaterThanOrEqualTo(0);
            });
        }
    }

    private void putInOrder() {
        story.fence.reopen();
        SUBJECTS.forEach(subject -> {
            story.worker.mends(subject);
            story.wake(subject);
        });
        QUEUES.forEach(queue -> story.engine.endPurge(queue(queue).id()));
        QUEUES.forEach(queue -> limits.put(queue, 20));
        QUEUES.forEach(queue -> story.applySettings(
                queue(queue).backoff("1s", "5s", 3).rate(50, 10).concurrent(20)));
    }

    private void theEnd() {
        assertThat(open).isEmpty();
        assertThat(story.engine.unfinishedAttempts()).isZero();
        assertThat(story.engine.inFlight()).isEmpty();
        Map<String, Integer> ends = new HashMap<>();
        story.journal.pages.forEach(page -> {
            if (page.entry() instanceof Journal.Entry.Finished) {
                ends.merge(page.task().name(), 1, Integer::sum);
            }
        });
        assertThat(ends.values()).containsOnly(1);
        Set<String> unfinished = new HashSet<>(created);
        unfinished.removeAll(ends.keySet());
        unfinished.removeAll(cancelled);
        assertThat(unfinished).isEmpty();
        for (String queue : QUEUES) {
            assertThat(story.stats(queue).tasks()).isZero();
            story.engine.removeQueue(queue(queue).id());
        }
        assertThat(story.engine.stats()).isEmpty();
        assertThat(story.worker.requests.size()).isGreaterThan(STEPS / 3);
    }
}

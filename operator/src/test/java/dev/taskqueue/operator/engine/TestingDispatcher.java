package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prepares and answers as the story says. By default it prepares every request and answers 200. */
final class TestingDispatcher implements Dispatcher {
    static final Duration DEADLINE = Duration.ofMinutes(10);

    /** Every preparation, by the Task's name. */
    final List<String> looks = new ArrayList<>();
    /** Every request that was sent. */
    final List<AttemptContext> requests = new ArrayList<>();

    final Map<QueueId, Integer> open = new HashMap<>();

    private final TestingBarriers barriers;
    private final Map<String, Obstacle.Subject> needs = new HashMap<>();
    private final Map<Obstacle.Subject, Obstacle> broken = new HashMap<>();
    private final Map<String, Obstacle> own = new HashMap<>();
    private Function<String, @Nullable Obstacle> world = _ -> null;
    private final Set<String> gone = new HashSet<>();
    private final Map<String, Long> sizes = new HashMap<>();
    private final Set<String> large = new HashSet<>();
    private boolean wholeAtOnce;
    private final Map<String, Runnable> heldBack = new HashMap<>();
    private final Map<String, Runnable> events = new HashMap<>();
    private final Map<String, Deque<Outcome>> script = new HashMap<>();
    private BiFunction<AttemptContext, Integer, Outcome> otherwise = (_, _) -> Outcome.Answered.of(200);

    private BiConsumer<AttemptContext, Boolean> watch = (_, _) -> {};

    TestingDispatcher(TestingBarriers barriers) {
        this.barriers = barriers;
    }

    /** Sets how many bytes of memory the Task's request takes; without this it takes none. */
    void size(String task, long bytes) {
        sizes.put(task, bytes);
    }

    /** Makes the Task wait while {@code subject} is broken. */
    void needs(String task, Obstacle.Subject subject) {
        needs.put(task, subject);
    }

    void breaks(Obstacle.Reason reason, Obstacle.Subject subject) {
        broken.put(subject, new Obstacle(reason, subject, subject.name() + " is broken: mend it."));
    }

    void mends(Obstacle.Subject subject) {
        broken.remove(subject);
    }

    /** Sets the obstacle that the Task's own request meets, whatever it {@link #needs}; null ends it. */
    void finds(String task, @Nullable Obstacle obstacle) {
        if (obstacle == null) {
            own.remove(task);
        } else {
            own.put(task, obstacle);
        }
    }

    /** Sets the obstacle of every Task for which the story says nothing else. */
    void looksAt(Function<String, @Nullable Obstacle> judged) {
        world = judged;
    }

    /** Makes the Task's request large: it is read only when its turn comes, through the barrier {@code fetch NAME}. */
    void isLarge(String task) {
        large.add(task);
    }

    /** From now on, large requests are in memory when they are prepared. If there is room for them, they need not be fetched. */
    void handsOutLargeOnesAtOnce() {
        wholeAtOnce = true;
    }

    /** The Task's next request stops at the open connection and is not sent. */
    void holdsBack(String task) {
        holdsBackAfter(task, () -> {});
    }

    /** The same, and this happens while it waits for the connection. */
    void holdsBackAfter(String task, Runnable happens) {
        heldBack.put(task, happens);
    }

    /** The Task's object was deleted, and the watch has not reported that yet. */
    void loses(String task) {
        gone.add(task);
    }

    /** Runs an action, once, between the decision to send the Task and its request. */
    void beforeSending(String task, Runnable happens) {
        events.put(task, happens);
    }

    /** Sets the outcomes of the Task's attempts, one after the other. */
    void answers(String task, Outcome... outcomes) {
        script.computeIfAbsent(task, _ -> new ArrayDeque<>()).addAll(List.of(outcomes));
    }

    /** Sets the outcome of every other attempt. The number says how many requests were sent before it. */
    void otherwise(BiFunction<AttemptContext, Integer, Outcome> answer) {
        otherwise = answer;
    }

    /** Sets an observer, which is called when a request begins, with {@code true}, and when it ends, with {@code false}. */
    void watch(BiConsumer<AttemptContext, Boolean> observer) {
        watch = observer;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        String task = Story.nameOf(delivery.key());
        looks.add(task);
        if (gone.contains(task)) {
            return new Preparation.NoTask();
        }
        Optional<Obstacle> obstacle = obstacle(task);
        barriers.pass("prepare", task);
        return obstacle.<Preparation>map(Preparation.Blocked::new)
                .orElseGet(() -> large.contains(task)
                        ? new Preparation.Large(
                                sizes.getOrDefault(task, 0L), wholeAtOnce ? new TestingRequest(task) : null)
                        : new Preparation.Ready(new TestingRequest(task)));
    }

    @Override
    public Preparation fetch(DeliveryId delivery, QueueId queue) {
        String task = Story.nameOf(delivery.key());
        Optional<Obstacle> obstacle = obstacle(task);
        barriers.pass("fetch", task);
        return obstacle.<Preparation>map(Preparation.Blocked::new)
                .orElseGet(() -> new Preparation.Ready(new TestingRequest(task)));
    }

    private Optional<Obstacle> obstacle(String task) {
        return Optional.ofNullable(own.get(task))
                .or(() -> Optional.ofNullable(needs.get(task)).map(broken::get))
                .or(() -> Optional.ofNullable(world.apply(task)));
    }

    private final class TestingRequest implements PreparedRequest {
        private final String task;

        TestingRequest(String task) {
            this.task = task;
        }

        @Override
        public FinalCheck finalCheck() {
            Runnable happens = events.remove(task);
            if (happens != null) {
                happens.run();
            }
            return TestingDispatcher.this
                    .obstacle(task)
                    .<FinalCheck>map(FinalCheck.Blocked::new)
                    .orElseGet(() -> new FinalCheck.Passed(this::send));
        }

        private Departure send(AttemptContext attempt) {
            Runnable meanwhile = heldBack.remove(task);
            if (meanwhile != null) {
                meanwhile.run();
                return new Departure.HeldBack("It is held back.");
            }
            int before = requests.size();
            requests.add(attempt);
            open.merge(attempt.queue(), 1, Integer::sum);
            watch.accept(attempt, true);
            barriers.pass("send", task);
            open.merge(attempt.queue(), -1, Integer::sum);
            watch.accept(attempt, false);
            Outcome planned = script.getOrDefault(task, new ArrayDeque<>()).poll();
            return new Departure.Left(planned != null ? planned : otherwise.apply(attempt, before));
        }

        @Override
        public Duration deadline() {
            return DEADLINE;
        }

        @Override
        public long size() {
            return sizes.getOrDefault(task, 0L);
        }
    }
}

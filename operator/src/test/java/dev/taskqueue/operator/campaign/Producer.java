package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Creates the Tasks of a deck, spread over the whole run. */
final class TaskCreator {
    private static final Duration SHORTEST = Duration.ofMillis(2);
    private static final Duration LONGEST = Duration.ofMillis(500);

    private static final int REQUESTS = 10;
    private static final Pattern NUMBER = Pattern.compile("-([0-9]+)(-dl-|$)");

    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final Semaphore free = new Semaphore(REQUESTS);
    private final CampaignCluster cluster;
    private final People people;
    private final int tasks;
    private final List<Random> randoms;
    private final Supplier<Duration> remaining;
    private final BooleanSupplier isOver;
    private final int weights;

    /**
     * A creator for a whole run.
     *
     * @param remaining how much longer faults will happen
     * @param isOver whether the run ends before all are created
     */
    TaskCreator(
            CampaignCluster cluster,
            People people,
            CampaignOptions options,
            Supplier<Duration> remaining,
            BooleanSupplier isOver) {
        this.cluster = cluster;
        this.people = people;
        this.tasks = options.tasks();
        this.randoms = options.randoms(2);
        this.remaining = remaining;
        this.isOver = isOver;
        int sum = 0;
        for (TaskKind kind : TaskKind.values()) {
            sum += kind.weight;
        }
        this.weights = sum;
    }

    /** Returns once all are created. A slow API server must not make a campaign longer, so several requests are under way. */
    void run() throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            run(threads);
        }
    }

    private void run(ExecutorService threads) throws InterruptedException {
        Instant next = Instant.now();
        for (int i = 0; i < tasks && !isOver.getAsBoolean(); i++) {
            Random random = CampaignOptions.at((double) i / tasks, randoms);
            TaskKind kind = draw(random);
            TestCluster home = cluster.namespaces().get(random.nextInt(2));
            cluster.number.set(i + 1);
            String name = kind.prefix() + i;
            String manifest = kind.manifest(name, Instant.now(), random);
            free.acquire();
            threads.execute(() -> {
                try {
                    create(home, manifest);
                    people.created(home, kind, name);
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    failure.compareAndSet(null, e);
                } finally {
                    free.release();
                }
            });
            RuntimeException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            Duration pause = remaining.get().dividedBy(tasks - i);
            pause = pause.compareTo(LONGEST) > 0 ? LONGEST : pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause;
            next = next.plus(pause);
            Instant now = Instant.now();
            if (next.isBefore(now.minusSeconds(5))) {
                // Nothing could be created for a while.
                next = now;
            }
            if (next.isAfter(now)) {
                Thread.sleep(Duration.between(now, next));
            }
        }
    }

    /** The number in the name of a Task, or of the Task that a dead letter is about. */
    static int number(String name) {
        Matcher number = NUMBER.matcher(name);
        return number.find() ? Integer.parseInt(number.group(1)) : 0;
    }

    private TaskKind draw(Random random) {
        int ticket = random.nextInt(weights);
        for (TaskKind kind : TaskKind.values()) {
            ticket -= kind.weight;
            if (ticket < 0) {
                return kind;
            }
        }
        throw new IllegalStateException();
    }

    private void create(TestCluster home, String manifest) throws InterruptedException {
        people.insist(() -> cluster.people()
                .resource(manifest)
                .inNamespace(home.namespace())
                .create());
    }
}

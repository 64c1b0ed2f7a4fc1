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
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Creates Tasks and TaskBatches of all kinds, spread over the whole run. */
final class Producer {
    private static final Duration SHORTEST = Duration.ofMillis(2);
    private static final Duration LONGEST = Duration.ofMillis(500);

    private static final int REQUESTS = 10;
    private static final Pattern NUMBER = Pattern.compile("-([0-9]+)(-dl-|$)");

    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final Semaphore free = new Semaphore(REQUESTS);
    private final CampaignCluster cluster;
    private final People people;
    private final CampaignOptions options;
    private final int tasks;
    private final List<Random> randoms;
    private final Supplier<Duration> remaining;
    private final BooleanSupplier isOver;
    private int batches;

    /**
     * A producer for a whole run.
     *
     * @param remaining how much longer faults will happen
     * @param isOver whether the run ends before all are created
     */
    Producer(
            CampaignCluster cluster,
            People people,
            CampaignOptions options,
            Supplier<Duration> remaining,
            BooleanSupplier isOver) {
        this.cluster = cluster;
        this.people = people;
        this.options = options;
        this.tasks = options.tasks();
        this.randoms = options.randoms(2);
        this.remaining = remaining;
        this.isOver = isOver;
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
            TaskKind kind = draw(TaskKind.values(), each -> each.weight, random);
            TestCluster home = cluster.namespaces().get(random.nextInt(2));
            cluster.number.set(i + 1);
            String name = kind.prefix() + i;
            create(threads, home, kind.manifest(name, Instant.now(), random), () -> people.created(home, kind, name));
            while (batches < (long) options.batches() * (i + 1) / tasks) {
                createBatch(threads, random);
            }
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

    private static <K> K draw(K[] kinds, ToIntFunction<K> weight, Random random) {
        int ticket = random.nextInt(Stream.of(kinds).mapToInt(weight).sum());
        for (K kind : kinds) {
            ticket -= weight.applyAsInt(kind);
            if (ticket < 0) {
                return kind;
            }
        }
        throw new IllegalStateException();
    }

    private void createBatch(ExecutorService threads, Random random) throws InterruptedException {
        BatchKind kind = draw(BatchKind.values(), each -> each.weight, random);
        TestCluster home = cluster.namespaces().get(random.nextInt(2));
        String name = kind.prefix() + batches++;
        create(
                threads,
                home,
                kind.manifest(name, Instant.now(), options.items(), random),
                () -> people.created(home, kind, name));
    }

    /** @param created called once the object exists */
    private void create(ExecutorService threads, TestCluster home, String manifest, Runnable created)
            throws InterruptedException {
        free.acquire();
        threads.execute(() -> {
            try {
                people.insist(() -> cluster.people()
                        .resource(manifest)
                        .inNamespace(home.namespace())
                        .create());
                created.run();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
            } finally {
                free.release();
            }
        });
    }
}

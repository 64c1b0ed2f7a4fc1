package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One run: Tasks and people in threads of their own, and faults one after the other. */
final class Campaign {
    /** What a fault and its pauses took until the first ones were measured. */
    private static final Duration USUAL_FAULT = Duration.ofSeconds(6);

    private static final Duration POLL = Duration.ofMillis(200);

    private final CampaignOptions options;
    private final Instant begun = Instant.now();
    private final RecoveryTimes recovery = new RecoveryTimes();
    private final Map<FaultKind, Integer> happened = new EnumMap<>(FaultKind.class);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile Instant faultsEnd = Instant.MAX;
    private int tasks;

    Campaign(CampaignOptions options) {
        this.options = options;
    }

    /** Runs it; returns what came of it. */
    CampaignReport run() throws IOException, InterruptedException {
        System.out.println("[campaign] " + options);
        var redriven = new AtomicReference<People>();
        try (var delay = new RecorderDelay();
                var cluster = new CampaignCluster(request -> answer(request, redriven.get()))) {
            var people = new People(cluster, options.randoms(1).getFirst());
            redriven.set(people);
            cluster.settle();
            faultsEnd = Instant.now().plus(USUAL_FAULT.multipliedBy(options.faults()));
            Thread producer =
                    thread("producer", new Producer(cluster, people, options, this::remaining, this::isOver)::run);
            Thread worker = thread("people", () -> {
                while (true) {
                    people.work();
                    Thread.sleep(POLL);
                }
            });
            makeFaults(cluster, people);
            cluster.awaitLeader();
            faultsEnd = Instant.now();
            producer.join();
            worker.interrupt();
            worker.join();
            var end = new CampaignEnd(cluster, people);
            List<String> left = end.await();
            if (!CampaignOptions.isBounded()) {
                end.awaitQuiet(faultsEnd, CampaignReport.CALM);
            }
            Throwable failed = failure.get();
            if (failed != null) {
                throw new IllegalStateException("The campaign itself failed", failed);
            }
            long seconds = Duration.between(begun, Instant.now()).toSeconds();
            return report(cluster, left, delay, seconds);
        }
    }

    private static Answer answer(Received request, People people) throws InterruptedException {
        BatchKind batch = BatchKind.of(request);
        return batch == null
                ? TaskKind.of(request).answer(request, people.hasRedriven(request.uid()))
                : batch.answer(request, people.hasRedriven(WorkerLog.object(request)));
    }

    /** How many Tasks were created, dead letters included; known after the run. */
    int tasks() {
        return tasks;
    }

    private CampaignReport report(CampaignCluster cluster, List<String> left, RecorderDelay delay, long seconds)
            throws IOException {
        tasks = cluster.states.created();
        List<String> numbers = List.of(
                "%d of %d Tasks and %d of %d faults"
                        .formatted(cluster.number.get(), options.tasks(), faults(), options.faults()),
                "%d Tasks and %d batches, dead letters included; %d deliveries; %d s"
                        .formatted(tasks, cluster.states.createdBatches(), cluster.deliveries.deliveries(), seconds),
                "faults: " + happened,
                "threads ran up to %d ms late".formatted(delay.longest().toMillis()));
        List<String> problems = new ArrayList<>(left);
        cluster.replicas.forEach(replica -> problems.addAll(replica.surprises()));
        return new CampaignReport(options.name(), numbers, problems, delay.longest())
                .judge(new CampaignFacts(cluster).inOrder(), recovery);
    }

    /** How much longer Tasks are created. */
    private Duration remaining() {
        Instant budgetEnds = begun.plus(options.budget());
        return Duration.between(Instant.now(), faultsEnd.isBefore(budgetEnds) ? faultsEnd : budgetEnds);
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private Thread thread(String name, Work work) {
        return Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    private void makeFaults(CampaignCluster cluster, People people) throws IOException, InterruptedException {
        Instant first = Instant.now();
        int share = options.faults() / options.seeds().size();
        for (Random random : options.randoms(0)) {
            var faults = new Faults(cluster, people, recovery, random);
            for (FaultKind kind : FaultKind.deck(share, random)) {
                if (isOver()) {
                    return;
                }
                if (kind.needsStandby()) {
                    cluster.settle();
                } else {
                    cluster.awaitLeader();
                }
                faults.pause();
                int before = faults();
                System.out.printf(
                        "[campaign] %d. %s; %d Tasks, %d deliveries so far%n",
                        before + 1, kind, cluster.states.created(), cluster.deliveries.deliveries());
                faults.happen(kind);
                happened.merge(kind, 1, Integer::sum);
                Duration each = Duration.between(first, Instant.now()).dividedBy(before + 1);
                faultsEnd = Instant.now().plus(each.multipliedBy(options.faults() - before - 1));
            }
        }
    }

    private boolean isOver() {
        return !Instant.now().isBefore(begun.plus(options.budget()));
    }

    /** How many faults have happened. */
    int faults() {
        return happened.values().stream().mapToInt(Integer::intValue).sum();
    }
}

package dev.taskqueue.operator.bench;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;

/**
 * Measures how long nothing is dispatched when the leader changes while many Tasks wait. Two operators run with the default lease, a Task is due
 * every few milliseconds, and the leader is killed or asked to stop. Each time a new standby is started for the next change.
 */
final class Handover {
    private static final int ROUNDS = 3;
    /** More Tasks than are due during the lease. */
    private static final int TASKS = 1_200;

    private static final Duration INTERVAL = Duration.ofMillis(20);
    /** How many Tasks the leader delivers before it ends. */
    private static final int BEFORE = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Map<String, String> ELECTION =
            Map.of("TASKQUEUE_LEADER_ELECTION", "true", "TASKQUEUE_LEASE_NAMESPACE", "default");

    private final BenchCluster site;
    private final BenchReport figures;
    private final PendingTasks crowd;
    private int rounds;

    Handover(BenchCluster site, BenchReport figures, PendingTasks crowd) {
        this.site = site;
        this.figures = figures;
        this.crowd = crowd;
    }

    void measure() {
        OperatorJvm leader = site.operator(ELECTION);
        try {
            crowd.gather();
            for (int round = 0; round < ROUNDS; round++) {
                leader = change("kill -9", "16 / 15.5 (R5)", leader, OperatorJvm::kill);
            }
            for (int round = 0; round < ROUNDS; round++) {
                leader = change("SIGTERM", "1.5 / 0.5 (R5)", leader, OperatorJvm::terminate);
                Assertions.assertThat(site.sink().duplicates())
                        .as("Tasks delivered twice")
                        .isZero();
            }
        } finally {
            leader.close();
        }
    }

    /** Ends the leader while it works, and returns the new leader. */
    private OperatorJvm change(String title, String goal, OperatorJvm leader, Consumer<OperatorJvm> signal) {
        OperatorJvm standby = site.operator(ELECTION);
        double seconds = secondsUntilNext(() -> signal.accept(leader));
        leader.close();
        figures.add(
                "handover",
                title + " to the standby's first dispatch, " + crowd.size() + " pending, s",
                goal,
                "%.2f",
                seconds);
        return standby;
    }

    /**
     * Seconds from the signal to the first byte of the request that ended the longest pause. The old leader's last request comes within a second
     * after the signal. An equally long pause later than that is caused by the machine.
     */
    private double secondsUntilNext(Runnable signal) {
        BenchWorker sink = site.sink();
        sink.reset();
        int round = rounds++;
        long asked = 0;
        long next = System.nanoTime();
        for (int task = 0; task < TASKS; task++) {
            if (task == BEFORE) {
                sink.await(BEFORE, PATIENCE);
                asked = BenchWorker.micros();
                signal.run();
            }
            next += INTERVAL.toNanos();
            LockSupport.parkNanos(next - System.nanoTime());
            site.api().create(BenchCluster.task("due-" + round + "-" + task, PendingTasks.QUEUE, null));
        }
        sink.await(TASKS, PATIENCE);
        return (sink.endOfLongestPause(asked) - asked) / 1e6;
    }
}

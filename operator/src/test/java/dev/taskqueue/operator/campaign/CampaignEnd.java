package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.OracleSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The end of a run: nothing new begins, and everything that has begun ends. */
final class CampaignEnd {
    /** What does not change for so long although nothing happens to anybody is stuck. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration POLL = Duration.ofSeconds(1);
    /** A process that has lost its Lease may end a little after another one leads. */
    private static final Duration LATE_END = Duration.ofSeconds(20);

    private final CampaignCluster cluster;
    private final People people;

    private interface Look {
        Set<String> left() throws InterruptedException;
    }

    CampaignEnd(CampaignCluster cluster, People people) {
        this.cluster = cluster;
        this.people = people;
    }

    /** Waits until all Tasks and TaskBatches have ended and the operators hold nothing for them. Returns what is left. */
    List<String> await() throws InterruptedException {
        var left = new ArrayList<String>();
        last(this::unfinished).forEach(task -> left.add("stuck: " + task));
        last(this::held).forEach(line -> left.add("still held: " + line));
        return left;
    }

    /** Waits until every fault is over for the oracle, so that it judges what should be gone by then. */
    void awaitQuiet(Instant lastFault, OracleSettings settings) throws InterruptedException {
        Duration rest =
                Duration.between(Instant.now(), lastFault.plus(settings.quiet()).plus(LATE_END));
        if (rest.isPositive()) {
            System.out.println("[campaign] everything has ended; nothing happens for " + rest.toSeconds() + " s");
            Thread.sleep(rest);
        }
    }

    private Set<String> unfinished() throws InterruptedException {
        boolean isDone = people.finish();
        Set<String> unfinished = cluster.states.unfinished();
        if (!isDone) {
            unfinished.add("what people want to do");
        }
        return unfinished;
    }

    private Set<String> held() {
        var held = new TreeSet<String>();
        cluster.replicas.forEach(replica -> held.addAll(replica.held()));
        return held;
    }

    /** What is left in the end; empty as soon as nothing is. */
    private static Set<String> last(Look look) throws InterruptedException {
        Set<String> left = look.left();
        Instant changed = Instant.now();
        while (!left.isEmpty() && Instant.now().isBefore(changed.plus(PATIENCE))) {
            Thread.sleep(POLL);
            Set<String> now = look.left();
            if (!now.equals(left)) {
                left = now;
                changed = Instant.now();
            }
        }
        return left;
    }
}

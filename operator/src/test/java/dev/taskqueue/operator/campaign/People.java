package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What people do while the operators work: they redrive, run now, cancel, pause and purge. Safe for use by several threads. */
final class People {
    private static final int NOT_FOUND = 404;
    private static final String TASK = "Task";
    private static final String BATCH = "TaskBatch";

    private final CampaignCluster cluster;
    private final Random random;
    private final Queue<Errand> errands = new ConcurrentLinkedQueue<>();
    private final Set<String> redriven = ConcurrentHashMap.newKeySet();
    private Instant nextPause = Instant.EPOCH;
    private Instant nextPurge = Instant.EPOCH;
    private int numbers;

    /** @param kind of the object */
    private record Errand(TestCluster home, String kind, String name, Deed deed, Instant at) {
        String key() {
            return (kind.equals(BATCH) ? TaskStates.BATCHES : TaskStates.TASKS) + home.namespace() + "/" + name;
        }
    }

    /** What somebody does to an object. */
    private enum Deed {
        REDRIVE,
        RUN_NOW,
        CANCEL,
        DELETE
    }

    People(CampaignCluster cluster, Random random) {
        this.cluster = cluster;
        this.random = random;
    }

    /** A Task was created. */
    void created(TestCluster home, TaskKind kind, String name) {
        switch (kind) {
            case REDRIVEN -> later(home, TASK, name, Deed.REDRIVE);
            case RUN_NOW -> later(home, TASK, name, Deed.RUN_NOW);
            case CANCELLED -> later(home, TASK, name, Deed.DELETE);
            default -> {}
        }
    }

    /** A TaskBatch was created. */
    void created(TestCluster home, BatchKind kind, String name) {
        switch (kind) {
            case REDRIVEN -> later(home, BATCH, name, Deed.REDRIVE);
            case RUN_NOW -> later(home, BATCH, name, Deed.RUN_NOW);
            case CANCELLED -> later(home, BATCH, name, Deed.CANCEL);
            default -> {}
        }
    }

    private void later(TestCluster home, String kind, String name, Deed deed) {
        errands.add(new Errand(home, kind, name, deed, Instant.now().plusSeconds(2)));
    }

    /** Whether somebody has redriven the Task or the TaskBatch with this uid. */
    boolean hasRedriven(String uid) {
        return redriven.contains(uid);
    }

    /** Does what is due now. */
    void work() throws InterruptedException {
        Instant now = Instant.now();
        for (int left = errands.size(); left > 0; left--) {
            Errand errand = errands.remove();
            if (errand.at().isAfter(now) || !isDone(errand)) {
                errands.add(errand);
            }
        }
        if (now.isAfter(nextPause)) {
            nextPause = now.plusSeconds(random.nextInt(3, 8));
            pauseOrResume();
        }
        if (now.isAfter(nextPurge)) {
            nextPurge = now.plusSeconds(random.nextInt(10, 20));
            purge();
        }
    }

    /** Ends all pauses and purges what is left. Returns whether nothing is left to do. */
    boolean finish() throws InterruptedException {
        work();
        if (!errands.isEmpty()) {
            return false;
        }
        for (TestCluster home : cluster.namespaces()) {
            queue(home, CampaignQueue.PAUSED, "{\"spec\": {\"state\": \"Running\"}}");
        }
        nextPause = Instant.MAX;
        purge();
        return true;
    }

    private boolean isDone(Errand errand) throws InterruptedException {
        switch (errand.deed()) {
            case REDRIVE -> {
                String state = cluster.states.of(errand.key());
                if (!state.equals("Failed")) {
                    // One that is gone was kept for a minute after it failed, and nobody looked.
                    return state.equals("Succeeded") || state.isEmpty();
                }
                String uid = cluster.states.uid(errand.key());
                redriven.add(uid);
                annotate(errand, "redrive");
            }
            case RUN_NOW -> annotate(errand, "run-now");
            case CANCEL -> annotate(errand, "cancel");
            case DELETE -> delete(errand);
        }
        return true;
    }

    private void annotate(Errand errand, String annotation) throws InterruptedException {
        String patch = "{\"metadata\": {\"annotations\": {\"taskqueue.dev/%s\": \"again-%d\"}}}"
                .formatted(annotation, ++numbers);
        insist(() -> cluster.people()
                .genericKubernetesResources("taskqueue.dev/v1beta1", errand.kind())
                .inNamespace(errand.home().namespace())
                .withName(errand.name())
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    private void delete(Errand errand) throws InterruptedException {
        insist(() -> cluster.people()
                .genericKubernetesResources("taskqueue.dev/v1beta1", errand.kind())
                .inNamespace(errand.home().namespace())
                .withName(errand.name())
                .delete());
    }

    private void pauseOrResume() throws InterruptedException {
        TestCluster home = cluster.namespaces().get(random.nextInt(2));
        queue(
                home,
                CampaignQueue.PAUSED,
                "{\"spec\": {\"state\": \"%s\"}}".formatted(random.nextBoolean() ? "Paused" : "Running"));
    }

    private void purge() throws InterruptedException {
        for (TestCluster home : cluster.namespaces()) {
            String until = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            queue(home, CampaignQueue.PURGED, "{\"spec\": {\"purgeBefore\": \"%s\"}}".formatted(until));
        }
    }

    private void queue(TestCluster home, CampaignQueue queue, String patch) throws InterruptedException {
        insist(() -> cluster.people()
                .genericKubernetesResources("taskqueue.dev/v1beta1", "TaskQueue")
                .inNamespace(home.namespace())
                .withName(queue.queue())
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    /**
     * Repeats something until the API server has carried it out. What does not exist need not be changed, and what exists already was created by an
     * earlier try whose answer was lost.
     */
    void insist(Runnable deed) throws InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                deed.run();
                return;
            } catch (KubernetesClientException e) {
                boolean exists =
                        e.getStatus() != null && Objects.equals(e.getStatus().getReason(), "AlreadyExists");
                if (e.getCode() == NOT_FOUND || exists) {
                    return;
                }
                Thread.sleep(200);
            }
        }
        throw new InterruptedException();
    }
}

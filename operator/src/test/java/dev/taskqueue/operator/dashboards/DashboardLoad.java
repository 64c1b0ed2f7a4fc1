package dev.taskqueue.operator.dashboards;

import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Queues as they are in life, and the Tasks of one second: some are well, and each of the others has a trouble of its own. */
final class DashboardLoad {
    /** When somebody creates the ServiceAccount that Tasks name. */
    private static final int ACCOUNT_SECOND = 40;

    private static final int NO_ANSWER = 0;

    private final TestCluster cluster;
    private final List<TaskQueueOperator> operators = new ArrayList<>();
    private final AtomicInteger second = new AtomicInteger();

    DashboardLoad(TestCluster cluster) {
        this.cluster = cluster;
        cluster.worker("orders").script(request -> slow(5, 40, 200));
        cluster.worker("reports").script(request -> slow(600, 1_800, 200));
        cluster.worker("invoices").script(request -> slow(5, 60, random(4) == 0 ? 422 : 200));
        cluster.worker("partner").script(request -> slow(20, 80, random(3) == 0 ? 200 : 503));
        cluster.queue("orders", "{rateLimits: {maxDispatchesPerSecond: 20, maxConcurrentDispatches: 10}}");
        cluster.queue("reports", "{rateLimits: {maxDispatchesPerSecond: 10, maxConcurrentDispatches: 3}}");
        cluster.queue(
                "invoices",
                "{rateLimits: {maxDispatchesPerSecond: 10, maxConcurrentDispatches: 5}, deadLetter: {queueRef: {name: invoices-failed}},"
                        + " retry: {maxAttempts: 2, minBackoff: 1s}}");
        cluster.queue("invoices-failed", "{rateLimits: {maxDispatchesPerSecond: 5, maxConcurrentDispatches: 5}}");
        cluster.queue(
                "partner",
                "{rateLimits: {maxDispatchesPerSecond: 8, maxConcurrentDispatches: 8}, retry: {minBackoff: 2s, maxBackoff: 10s}}");
        cluster.queue("mail", "{rateLimits: {maxDispatchesPerSecond: 5, maxConcurrentDispatches: 5}}");
        cluster.queue("imports", "{rateLimits: {maxDispatchesPerSecond: 30, maxConcurrentDispatches: 6}}");
        cluster.annotateQueue("invoices-failed", "taskqueue.dev/hold=Anna: looks at them on Monday");
        for (int i = 0; i < 2; i++) {
            operators.add(cluster.operator(
                    "LEADER_ELECTION=true",
                    "LEASE_NAMESPACE=" + cluster.namespace(),
                    "LEASE_NAME=" + TestCluster.LEASE,
                    "LEASE_DURATION=" + TestCluster.LEASE_DURATION));
        }
    }

    /** The ports of the operators' metrics. */
    List<Integer> ports() {
        return operators.stream().map(TaskQueueOperator::httpPort).toList();
    }

    /** Creates what comes in within a second. */
    void tick() {
        int now = second.incrementAndGet();
        tasks("orders", 8 + now / 10 % 8, now);
        tasks("reports", 3, now);
        tasks("invoices", 5, now);
        tasks("partner", 3, now);
        if (now % 5 == 0) {
            // There is no Service of this name.
            tasks("mail", 1, now);
            cluster.task(
                    "token-" + now,
                    "{queueRef: {name: mail}, httpRequest: {serviceRef: {name: orders}, serviceAccountToken: {serviceAccountName: caller}}}");
        }
        if (now == ACCOUNT_SECOND) {
            // Until now, tokens of this account were refused.
            cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        }
        if (now % 20 == 1) {
            cluster.batch(
                    "import-" + now,
                    "{queueRef: {name: imports}, template: {httpRequest: {serviceRef: {name: orders}}}, count: 300}");
        }
    }

    private void tasks(String queue, int count, int now) {
        try {
            cluster.tasks(
                    TestCluster.names(queue + "-" + now + "-", count),
                    "{queueRef: {name: %s}, httpRequest: {serviceRef: {name: %s}}}".formatted(queue, queue));
        } catch (KubernetesClientException failed) {
            // A busy machine may answer late. Then this second has fewer Tasks, and the pictures lose nothing.
            if (failed.getCode() != NO_ANSWER) {
                throw failed;
            }
        }
    }

    private static RecordingWorker.Answer slow(int from, int to, int code) throws InterruptedException {
        Thread.sleep(from + random(to - from));
        return RecordingWorker.Answer.of(code);
    }

    private static int random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}

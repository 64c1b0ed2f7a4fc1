package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.HOST;
import static dev.taskqueue.operator.dispatch.TestingRequests.LONG;
import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.dispatch.OutboundRequest.Security;
import dev.taskqueue.operator.dispatch.OutboundRequest.Target;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.testing.TcpBalancer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two workers behind a ClusterIP, for which a balancer stands: each connection leads to one of them as long as it lasts. */
final class ConnectionBalanceTest {
    /** So many requests are open at once, which keeps as many connections busy. */
    private static final int LANES = 8;

    private static final Duration STEP = Duration.ofMillis(100);

    private final AtomicLong nanos = new AtomicLong();
    private final CyclicBarrier together = new CyclicBarrier(LANES);

    @AutoClose
    private final RawSocketWorker first = worker();

    @AutoClose
    private final RawSocketWorker second = worker();

    @AutoClose
    private final TcpBalancer clusterIp = new TcpBalancer(InetAddress.getLoopbackAddress(), 0);

    @AutoClose
    private final HttpDispatcher dispatcher = new HttpDispatcher(
            new Clocks(InstantSource.system(), nanos::get),
            () -> true,
            new Random(1),
            new ConnectionLimits(LONG, ConnectionLimits.DEFAULT.age(), ConnectionLimits.DEFAULT.requests(), LONG));

    @AutoClose
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    ConnectionBalanceTest() throws Exception {}

    @BeforeEach
    void onlyTheFirstIsReady() {
        clusterIp.lead(at(first));
    }

    @Test
    void aWorkerThatComesLaterGetsItsShareOfASteadyLoad() throws Exception {
        assertThat(ConnectionLimits.DEFAULT.age()).isEqualTo(Duration.ofSeconds(10));
        send(50, 1);
        assertThat(second.received()).isEmpty();
        assertThat(first.connections()).isEqualTo(LANES);

        clusterIp.lead(at(first), at(second));
        // Half of the connections have reached their age by then, and after another fifth all of them.
        send(100, 1);
        assertThat(second.received()).isNotEmpty();
        send(20, 1);
        int before = second.received().size();
        send(100, 1);
        assertThat(second.received().size() - before).isBetween(100 * LANES / 4, 100 * LANES * 3 / 4);
        assertThat(first.received().size() + second.received().size()).isEqualTo(270 * LANES);
    }

    @Test
    void connectionsThatWereOpenedTogetherAreNotReplacedTogether() throws Exception {
        send(1, 1);
        nanos.addAndGet(ConnectionLimits.DEFAULT.age().toNanos());
        send(1, 1);
        assertThat(first.connections()).isStrictlyBetween(LANES, 2 * LANES);
    }

    @Test
    void aWorkerThatIsNotReadyAnyMoreGetsNothingOverTheConnectionsItKeeps() throws Exception {
        send(5, 1);
        int before = first.received().size();
        clusterIp.lead(at(second));
        send(5, 1);
        assertThat(first.received()).hasSize(before + 5 * LANES);
        send(5, 2);
        assertThat(first.received()).hasSize(before + 5 * LANES);
        assertThat(second.received()).hasSize(5 * LANES);
        for (int number = 1; number <= LANES; number++) {
            first.awaitEnd(number);
        }
    }

    /** The version is that of the last look at the EndpointSlices; a request that is in flight meanwhile knows nothing of it. */
    @Test
    void aRequestThatIsInFlightMeanwhileFinishesAndItsConnectionServesNoOther() throws Exception {
        try (var slow = RawSocketWorker.that((conversation, request) -> {
            together.await();
            conversation.hang();
            conversation.write(RawSocketWorker.OK);
        })) {
            clusterIp.lead(at(slow));
            var open = IntStream.range(0, LANES)
                    .mapToObj(_ -> threads.submit(() -> outcome(dispatcher, request(target(1), "POST"))))
                    .toList();
            while (slow.received().size() < LANES) {
                Thread.onSpinWait();
            }
            clusterIp.lead(at(second));
            send(1, 2);
            slow.release();
            for (Future<Outcome> attempt : open) {
                assertThat(attempt.get()).isEqualTo(Outcome.Answered.of(200));
            }
            send(3, 2);
            assertThat(slow.received()).hasSize(LANES);
            assertThat(second.received()).hasSize(4 * LANES);
        }
    }

    @Test
    void aConnectionServesALimitedNumberOfRequests() throws Exception {
        var limits = new ConnectionLimits(LONG, LONG, 3, LONG);
        try (var worker = RawSocketWorker.answering(RawSocketWorker.OK);
                var counting = TestingRequests.dispatcher(limits)) {
            for (int i = 0; i < 7; i++) {
                assertThat(outcome(counting, request(TestingRequests.target(worker), "GET")))
                        .isEqualTo(Outcome.Answered.of(200));
            }
            assertThat(worker.received().stream().map(RawSocketWorker.Received::connection))
                    .containsExactly(1, 1, 1, 2, 2, 2, 3);
            worker.awaitEnd(2);
        }
    }

    /** Keeps all lanes busy for that many steps. */
    private void send(int steps, long endpointsVersion) throws Exception {
        for (int i = 0; i < steps; i++) {
            var open = IntStream.range(0, LANES)
                    .mapToObj(_ ->
                            threads.submit(() -> outcome(dispatcher, request(target(endpointsVersion), "POST"))))
                    .toList();
            for (Future<Outcome> attempt : open) {
                assertThat(attempt.get()).isEqualTo(Outcome.Answered.of(200));
            }
            nanos.addAndGet(STEP.toNanos());
        }
    }

    private RawSocketWorker worker() throws Exception {
        return RawSocketWorker.that((conversation, request) -> {
            together.await();
            conversation.write(RawSocketWorker.OK);
        });
    }

    private Target target(long endpointsVersion) {
        return new Target(new Security.Plain(), clusterIp.address(), clusterIp.port(), HOST, endpointsVersion);
    }

    private static InetSocketAddress at(RawSocketWorker worker) {
        return new InetSocketAddress(worker.address(), worker.port());
    }
}

package dev.taskqueue.operator.faults;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The API server is not available for a while. */
class ApiServerAwayIT {
    private static final int UNWRITTEN = 3;

    @Test
    void outcomesThatCannotBeWrittenStopDispatching() throws IOException {
        try (var cluster = new FaultyCluster(ControlPlane.shared())) {
            cluster.queue("{state: Paused, rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}}");
            cluster.start("MAX_UNWRITTEN=" + UNWRITTEN);
            for (int i = 0; i < 20; i++) {
                cluster.task("t" + i);
            }
            cluster.resume();
            cluster.await("the first ones")
                    .until(() -> cluster.worker.received().size() >= 2);
            cluster.proxy.leave();
            int before = cluster.worker.received().size();
            // The rate alone would allow all of them to be sent by then. One request may have been in flight when the
            // last slot was taken.
            cluster.await("nothing leaves any more")
                    .during(Duration.ofSeconds(1))
                    .until(() -> cluster.worker.received().size() <= before + UNWRITTEN + 2);
            cluster.proxy.comeBack();
            cluster.assertDelivered(1);
        }
    }

    @Test
    void aRestartOfTheApiServerLosesNothingAndRepeatsNothing() throws IOException {
        try (var plane = ControlPlane.startOwn();
                var cluster = new FaultyCluster(plane)) {
            cluster.queue("{rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}, retry: {minBackoff: 100ms}}");
            cluster.worker.answers(received -> received.attempt() == 1 ? 503 : 200);
            cluster.start();
            for (int i = 0; i < 40; i++) {
                cluster.task("t" + i);
            }
            cluster.await("some").until(() -> cluster.worker.received().size() >= 10);
            plane.restartApiServer();
            cluster.task("after");
            cluster.assertDelivered(2);
        }
    }
}

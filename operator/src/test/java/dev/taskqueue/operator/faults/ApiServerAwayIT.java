package dev.taskqueue.operator.faults;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An API server that is not there for a while. */
class ApiServerAwayIT {
    private static final int UNWRITTEN = 3;

    @Test
    void outcomesThatCannotBeWrittenStopDispatching() throws IOException {
        try (var stage = new FaultyCluster(ControlPlane.shared())) {
            stage.queue("{state: Paused, rateLimits: {maxDispatchesPerSecond: 10, maxBurstSize: 1}}");
            stage.start("TASKQUEUE_MAX_UNWRITTEN", Integer.toString(UNWRITTEN));
            for (int i = 0; i < 20; i++) {
                stage.task("t" + i);
            }
            stage.resume();
            stage.await("the first ones").until(() -> stage.worker.received() >= 2);
            stage.proxy.leave();
            int before = stage.worker.received();
            // By rate alone all would be gone by then. One may have been on its way when the last place was taken.
            stage.await("nothing leaves any more")
                    .during(Duration.ofSeconds(3))
                    .until(() -> stage.worker.received() <= before + UNWRITTEN + 2);
            stage.proxy.comeBack();
            stage.assertDelivered(1);
        }
    }

    @Test
    void aRestartOfTheApiServerLosesNothingAndRepeatsNothing() throws IOException {
        try (var plane = ControlPlane.startOwn();
                var stage = new FaultyCluster(plane)) {
            stage.queue("{rateLimits: {maxDispatchesPerSecond: 20, maxBurstSize: 1}, retry: {minBackoff: 100ms}}");
            stage.worker.answers(received -> received.attempt() == 1 ? 503 : 200);
            stage.start();
            for (int i = 0; i < 40; i++) {
                stage.task("t" + i);
            }
            stage.await("some").until(() -> stage.worker.received() >= 10);
            plane.restartApiServer();
            stage.task("after");
            stage.assertDelivered(2);
        }
    }
}

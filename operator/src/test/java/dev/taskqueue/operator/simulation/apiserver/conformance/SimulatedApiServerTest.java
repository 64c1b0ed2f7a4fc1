package dev.taskqueue.operator.simulation.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class SimulatedApiServerTest {
    @Test
    void answersTheScriptLikeTheRealServerThatWasRecorded() throws IOException {
        try (var simulated = new SimulatedScriptServer()) {
            assertThat(ConformanceScript.run(simulated)).containsExactlyElementsOf(RecordedAnswers.read());
        }
    }
}

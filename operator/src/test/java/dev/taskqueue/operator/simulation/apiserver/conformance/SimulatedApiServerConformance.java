package dev.taskqueue.operator.simulation.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Runs the conformance script on a real API server. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.CONTROLLER_MANAGER})
class SimulatedApiServerConformance {
    @Test
    void theSimulatedServerAnswersLikeARealOne() throws IOException {
        try (var real = new RealScriptServer();
                var simulated = new SimulatedScriptServer()) {
            var answers = ConformanceScript.run(real);
            if (Boolean.getBoolean("conformance.write")) {
                Files.write(RecordedAnswers.FILE, answers);
            }
            assertThat(ConformanceScript.run(simulated)).containsExactlyElementsOf(answers);
            assertThat(answers)
                    .as("the recorded answers; write them anew by -Dconformance.write=true")
                    .containsExactlyElementsOf(RecordedAnswers.read());
        }
    }
}

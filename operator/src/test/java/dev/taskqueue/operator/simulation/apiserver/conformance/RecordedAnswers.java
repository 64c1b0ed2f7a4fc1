package dev.taskqueue.operator.simulation.apiserver.conformance;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a real API server answered to the conformance script. SimulatedApiServerConformance writes it. */
final class RecordedAnswers {
    static final Path FILE = ControlPlane.repository().resolve("operator/src/test/resources/api-server-answers.txt");

    private RecordedAnswers() {}

    /** One text for each step, of two lines. */
    static List<String> read() throws IOException {
        return List.of(Files.readString(FILE).stripTrailing().split("\n(?! )", -1));
    }
}

package dev.taskqueue.operator.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.oracle.Violation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorldReportTest {
    private static final Deck.Size SMALL = new Deck.Size(60, 20, Duration.ofSeconds(20));

    @BeforeAll
    static void log() {
        SimulationLog.install();
    }

    @Test
    void aReportIsALineFromWhichTheParentReadsTheSame() throws IOException {
        Simulation.Result result = Simulation.run(Deck.plan(7, SMALL));
        WorldReport report = WorldReport.of(result);
        WorldReport read = WorldReport.read(report.line());
        assertThat(report.line()).doesNotContain("\n");
        assertThat(read).isEqualTo(report);
        assertThat(Coverage.of(read.coverage()).table())
                .isEqualTo(result.coverage().table());
        assertThat(Coverage.of(read.coverage()).faults())
                .isEqualTo(result.coverage().faults())
                .isPositive();
    }

    @Test
    void aFailureIsALineFromWhichTheParentReadsTheSame() {
        Simulation.Result good = Simulation.run(Deck.plan(7, SMALL));
        var violation = new Violation(SimulatedProcess.START, "Some \\n rule", "shop/a", "two\nlines");
        var failure = new Failure(with(good, violation), with(good, violation));
        assertThat(failure.line()).doesNotContain("\n");
        assertThat(failure.line().translateEscapes()).isEqualTo(failure.text()).contains("Some \\n rule", "two\nlines");
    }

    private static Simulation.Result with(Simulation.Result good, Violation violation) {
        return new Simulation.Result(
                good.plan(),
                List.of(violation),
                Map.of(),
                good.counts(),
                good.fingerprint(),
                good.steps(),
                good.coverage());
    }
}

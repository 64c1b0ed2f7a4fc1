package dev.taskqueue.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.oracle.Fact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FactLogTest {
    private static final Instant START = Instant.parse("2026-11-20T08:00:00.123456789Z");

    @Test
    void factsComeBackFromTheFileInTheOrderOfTheirTimes() {
        Fact late = new Fact.Answered(START.plusSeconds(2), 7, 503);
        Fact early = new Fact.Received(
                START, "op-a#1", START.plusNanos(1), 7, "POST", "/OK", Map.of("taskqueue-attempt", "1"), 12, 4711);
        Fact middle = new Fact.Frozen(START.plusSeconds(1), "op-b#2");
        Fact read = new Fact.Thawed(START.plusMillis(1), "op-b#2");
        try (var file = new ScratchFile()) {
            var log = new FactLog(file);
            log.add(late);
            log.add(early);
            log.add(read.at(), () -> read);
            log.add(middle);
            List<Fact> facts = log.inOrder().stream().map(Supplier::get).toList();
            assertThat(facts).containsExactly(early, read, middle, late);
        }
    }
}

package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TaskRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");

    @Test
    void aLongSeriesOfAttemptsWithTheNextOneAheadIsADefinedStatus() throws IOException {
        JsonNode task = backingOff(12, "2026-11-20T08:00:01.200Z");
        assertThat(TaskRules.settled(task, NOW, true)).contains("BackingOff BackingOff");
        assertThat(TaskRules.settled(task, NOW, false)).isEmpty();
    }

    @Test
    void aTaskWhoseNextAttemptIsOverdueOrComesSoonIsOnItsWay() throws IOException {
        assertThat(TaskRules.settled(backingOff(12, "2026-11-20T07:59:59Z"), NOW, true))
                .isEmpty();
        assertThat(TaskRules.settled(backingOff(1, "2026-11-20T08:00:01.200Z"), NOW, true))
                .isEmpty();
        assertThat(TaskRules.settled(backingOff(1, "2026-11-20T08:00:10Z"), NOW, true))
                .contains("BackingOff BackingOff");
    }

    private static JsonNode backingOff(int attempts, String next) throws IOException {
        return new ObjectMapper().readTree("""
                {"status": {"state": "BackingOff", "dispatchCount": %d, "nextAttemptTime": "%s",
                 "conditions": [{"type": "Succeeded", "status": "Unknown", "reason": "BackingOff"}]}}
                """.formatted(attempts, next));
    }
}

package dev.taskqueue.operator.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceRulesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final String ONE = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/one/status";

    private final Oracle oracle = new Oracle(History.SETTINGS);

    @Test
    void aWriteThatIsRefusedIsNotRepeatedWithoutAPause() {
        refused(60, Duration.ofMillis(4), ONE);
        assertThat(rules()).containsExactly("RepeatedWithoutPause");
    }

    @Test
    void withPausesItMayBeRepeatedForAsLongAsItIsRefused() {
        refused(200, Duration.ofMillis(40), ONE);
        assertThat(rules()).isEmpty();
    }

    @Test
    void manyObjectsMayBeRefusedAtOnce() {
        for (int i = 0; i < 100; i++) {
            refused(1, Duration.ZERO, ONE.replace("one", "t" + i));
        }
        assertThat(rules()).isEmpty();
    }

    private void refused(int times, Duration pause, String path) {
        for (int i = 0; i < times; i++) {
            oracle.observe(new Fact.WriteRefused(START.plus(pause.multipliedBy(i)), "op-a", path, 409));
        }
    }

    private List<String> rules() {
        return oracle.end(START.plusSeconds(60)).stream().map(Violation::rule).toList();
    }
}

package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ReferenceDriftTest {
    @Test
    void thePageIsWhatTheTypesSay() throws IOException {
        String page = ReferencePage.markdown();
        if (Boolean.getBoolean("crds.write")) {
            Files.writeString(ReferencePage.FILE, page);
        }

        assertThat(Files.readString(ReferencePage.FILE))
                .as("write it anew by mvn -pl operator test -Dtest=ReferenceDriftTest -Dcrds.write=true")
                .isEqualTo(page);
    }

    @Test
    void aFieldIsToldWithItsBoundsItsDefaultAndItsRefusals() {
        assertThat(ReferencePage.markdown())
                .contains("| `rateLimits.maxConcurrentDispatches` | integer, 1 to 5000 | `1000` | How many requests")
                .contains("| `httpRequest.serviceRef.name` | string, 1 to 63 characters, matches `^[a-z0-9]")
                .contains("*Refused:* set delay or scheduleTime, not both.");
    }
}

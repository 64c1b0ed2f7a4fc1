package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonLogEncoderTest {
    private static String line(String message, @Nullable Throwable failure, Object... arguments) {
        var event = new LoggingEvent(
                "", new LoggerContext().getLogger("dev.taskqueue.Example"), Level.WARN, message, failure, arguments);
        event.setInstant(Instant.parse("2026-11-21T09:34:50.120Z"));
        event.setThreadName("lease");
        return new String(new JsonLogEncoder().encode(event), UTF_8);
    }

    private static JsonNode parsed(String line) throws IOException {
        assertThat(line).endsWith("\n");
        assertThat(line.lines()).as("one line").hasSize(1);
        return new ObjectMapper().readTree(line);
    }

    @Test
    void anEventIsOneObjectOnOneLine() throws IOException {
        JsonNode json = parsed(line("Task {} says \"no\"\nand \u0007 \u00e9", null, "shop/a"));
        assertThat(json.toString())
                .isEqualTo(new ObjectMapper()
                        .createObjectNode()
                        .put("timestamp", "2026-11-21T09:34:50.120Z")
                        .put("level", "WARN")
                        .put("logger", "dev.taskqueue.Example")
                        .put("thread", "lease")
                        .put("message", "Task shop/a says \"no\"\nand \u0007 \u00e9")
                        .toString());
    }

    @Test
    void anExceptionIsATextWithItsCauses() throws IOException {
        JsonNode json = parsed(line("failed", new IllegalStateException("outer", new IOException("inner"))));
        assertThat(json.path("exception").asText())
                .startsWith("java.lang.IllegalStateException: outer")
                .contains("Caused by: java.io.IOException: inner", "JsonLogEncoderTest");
    }

    @Test
    void controlCharactersBeyondAsciiAreEscaped() {
        assertThat(line("a\u009bb", null)).contains("a\\u009Bb").doesNotContain("\u009b");
    }
}

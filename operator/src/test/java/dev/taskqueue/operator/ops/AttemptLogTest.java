package dev.taskqueue.operator.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.testing.TestingAttempts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** Isolated, because it changes the log of the whole process. */
@Isolated
class AttemptLogTest {
    private static final LogSettings START =
            new LogSettings(LogSettings.Format.Text, LogSettings.Level.Info, LogSettings.Attempts.Off);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final AttemptLog log = new AttemptLog();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    private static Logger logger() {
        return ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(AttemptLog.LOGGER);
    }

    @BeforeEach
    void listen() {
        lines.start();
        logger().addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger().detachAppender(lines);
        LogOutput.apply(START);
    }

    @Test
    void aLineNamesTheAttemptAndItsOutcomeAndNothingElse() throws IOException {
        attempts(LogSettings.Attempts.All);
        end(new TaskId("shop", "order-1", "uid-1"), 503);
        JsonNode json = new ObjectMapper().readTree(new JsonLogEncoder().encode(lines.list.getFirst()));
        assertThat(json.path("level").asText()).isEqualTo("WARN");
        assertThat(json.path("namespace").asText()).isEqualTo("shop");
        assertThat(json.path("queue").asText()).isEqualTo("orders");
        assertThat(json.path("task").asText()).isEqualTo("order-1");
        assertThat(json.path("uid").asText()).isEqualTo("uid-1");
        assertThat(json.path("attempt").intValue()).isEqualTo(1);
        assertThat(json.path("code").intValue()).isEqualTo(503);
        assertThat(json.path("reason").asText()).isEqualTo("Unavailable");
        assertThat(json.path("tookMillis").intValue()).isEqualTo(30);
        assertThat(json.path("traceId").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(json).hasSize(14);
        assertThat(new EscapedLineConverter().convert(lines.list.getFirst()))
                .isEqualTo(
                        "Attempt failed namespace=shop queue=orders task=order-1 uid=uid-1 attempt=1 code=503 reason=Unavailable"
                                + " tookMillis=30 traceId=0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void anItemIsNamedByItsBatch() {
        attempts(LogSettings.Attempts.All);
        end(new ItemId(new BatchId("shop", "invoices", "uid-b"), 7), 200);
        assertThat(new EscapedLineConverter().convert(lines.list.getFirst()))
                .startsWith("Attempt succeeded namespace=shop queue=orders batch=invoices item=7 uid=uid-b attempt=1");
    }

    @Test
    void theSettingSaysWhichAttemptsHaveALine() {
        TaskId task = new TaskId("shop", "a", "u");
        attempts(LogSettings.Attempts.Off);
        end(task, 500);
        attempts(LogSettings.Attempts.Failures);
        end(task, 200);
        end(task, 500);
        attempts(LogSettings.Attempts.All);
        end(task, 200);
        assertThat(lines.list).hasSize(2);
    }

    @Test
    void theFilesOfTheFolderChangeTheLogWhileTheOperatorRuns() throws IOException {
        TaskId task = new TaskId("shop", "a", "u");
        var files = new LogSettingsFolder(folder, START);
        files.look();
        end(task, 500);
        assertThat(lines.list).isEmpty();
        Files.writeString(folder.resolve("attempts"), "failures\n");
        Files.writeString(folder.resolve("level"), "debug\n");
        files.look();
        end(task, 500);
        assertThat(lines.list).hasSize(1);
        assertThat(LoggerFactory.getLogger("dev.taskqueue.operator.Some").isDebugEnabled())
                .isTrue();
        Files.writeString(folder.resolve("attempts"), "everything");
        files.look();
        end(task, 500);
        assertThat(lines.list).as("a wrong value changes nothing").hasSize(2);
        Files.delete(folder.resolve("attempts"));
        Files.delete(folder.resolve("level"));
        files.look();
        end(task, 500);
        assertThat(lines.list).as("as at the start").hasSize(2);
        assertThat(LoggerFactory.getLogger("dev.taskqueue.operator.Some").isDebugEnabled())
                .isFalse();
    }

    @Test
    void aFolderThatDoesNotExistChangesNothing() {
        new LogSettingsFolder(folder.resolve("none"), START).look();
        assertThat(logger().isWarnEnabled()).isFalse();
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(EscapedLineConverter.escaped("a\r\nb\u001b[31m \u009b \u202e \u2028 é ü"))
                .isEqualTo("a\\u000d\\u000ab\\u001b[31m \\u009b \\u202e \\u2028 é ü");
        assertThat(EscapedLineConverter.escaped("plain")).isEqualTo("plain");
    }

    @Test
    void noLineOfAStackTraceLooksLikeALineOfTheLog() {
        assertThat(EscapedTraceConverter.escaped(
                                "java.io.IOException: no\u001b\n2026-11-21T09:00:00.000Z INFO forged\n\tat a.B\nCaused by: x\n\t... 3 more\n")
                        .lines())
                .containsExactly(
                        "java.io.IOException: no\\u001b",
                        "\t2026-11-21T09:00:00.000Z INFO forged",
                        "\tat a.B",
                        "Caused by: x",
                        "\t... 3 more");
    }

    private static void attempts(LogSettings.Attempts which) {
        LogOutput.apply(new LogSettings(LogSettings.Format.Text, LogSettings.Level.Info, which));
    }

    private void end(DeliveryKey key, int code) {
        AttemptContext attempt = TestingAttempts.first(key, new QueueId("shop", "orders"), Instant.EPOCH);
        log.attempted(
                attempt,
                Outcome.Answered.of(code),
                Duration.ofMillis(30),
                () -> new TraceContext("0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7", null, true));
    }
}

package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final InstantSource clock = now::get;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(written, true, UTF_8);

    @Test
    void plainLinesTellEachChangeOnce() {
        var screen = new PlainScreen(out, clock);
        var board = new TaskBoard(screen);
        board.seen(TestingObjects.queue("orders"));
        board.seen(TestingObjects.task(
                "mail", "Succeeded", "{state: Scheduled, nextAttemptTime: '2026-01-01T00:00:05Z'}"));
        now.set(START.plusMillis(1500));
        board.seen(TestingObjects.task(
                "mail", "Succeeded", "{state: Scheduled, nextAttemptTime: '2026-01-01T00:00:05Z'}"));
        now.set(START.plusMillis(5100));
        board.seen(TestingObjects.task("mail", "Succeeded", TestingObjects.ended("Succeeded", "Delivered")));
        screen.close();
        assertThat(lines())
                .containsExactly(
                        "   0.0 s  queue orders                                      Running                    [----------] 0/0  25/s, 10 at once",
                        "   0.0 s  task  mail                           orders       Scheduled                  due in 5.0 s",
                        "   5.1 s  task  mail                           orders       Succeeded          1  200  Delivered",
                        "   5.1 s  queue orders                                      Running                    [##########] 1/1  25/s, 10 at once");
    }

    @Test
    void whatEndsOtherwiseSaysWhatWasExpected() {
        var screen = new PlainScreen(out, clock);
        var board = new TaskBoard(screen);
        board.seen(TestingObjects.task("mail", "Failed/Expired", TestingObjects.ended("Succeeded", "Delivered")));
        assertThat(lines()).singleElement().asString().endsWith("Delivered, expected Failed/Expired");
        assertThat(board.isAsExpected()).isFalse();
        assertThat(board.summary()).isEqualTo("1 of 1 Tasks ended otherwise than expected.");
    }

    @Test
    void aTaskThatWaitsSaysForWhat() {
        var screen = new PlainScreen(out, clock);
        new TaskBoard(screen)
                .seen(
                        TestingObjects.task(
                                "mail",
                                "Succeeded",
                                "{state: Queued, conditions: [{type: Succeeded, reason: TargetNotFound, message: 'Service default/w does not exist. (see Troubleshooting, section TargetNotFound)'}]}"));
        assertThat(lines())
                .singleElement()
                .asString()
                .endsWith("Queued                     Service default/w does not exist.");
    }

    @Test
    void aTaskDeletedBeforeItsEndHasNotEndedAsExpected() {
        var board = new TaskBoard(new PlainScreen(out, clock));
        var task = TestingObjects.task("mail", "Succeeded", "{state: Scheduled}");
        board.seen(task);
        assertThat(board.isDone(1)).isFalse();
        board.deleted(task);
        assertThat(board.isDone(1)).isTrue();
        assertThat(board.isAsExpected()).isFalse();
    }

    @Test
    void aTaskDeletedAfterItsEndStaysCounted() {
        var board = new TaskBoard(new PlainScreen(out, clock));
        var task = TestingObjects.task("mail", "Succeeded", TestingObjects.ended("Succeeded", "Delivered"));
        board.seen(task);
        board.deleted(task);
        assertThat(board.isAsExpected()).isTrue();
        assertThat(board.contents().queues())
                .singleElement()
                .isEqualTo(board.contents().queues().getFirst());
        assertThat(board.summary()).isEqualTo("The Task ended as expected.");
    }

    @Test
    void aTerminalIsNeverOverfilled() {
        var screens = new Screens(out, false);
        TaskBoard board = screens.board();
        board.seen(TestingObjects.queue("orders"));
        for (int i = 0; i < 1000; i++) {
            board.seen(TestingObjects.task("task-" + i, "Succeeded", TestingObjects.ended("Succeeded", "Delivered")));
        }
        board.seen(TestingObjects.task("wrong", "Succeeded", TestingObjects.ended("Failed", "RetriesExhausted")));
        try (var screen = new LiveScreen(
                out,
                clock,
                () -> new TaskBoard.Contents(List.of(), List.of()),
                () -> new TerminalSize(24, 60),
                false)) {
            List<String> lines = screen.lines(board.contents(), new TerminalSize(24, 60));
            assertThat(lines)
                    .hasSizeLessThan(24)
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(60));
            assertThat(lines.get(1)).contains("orders").contains("Running");
            assertThat(lines.get(2)).contains("wrong").contains("Failed");
            assertThat(lines.getLast()).contains("more, ").contains(" of them ended");
        }
    }

    @Test
    void aTerminalIsDrawnOverAndLinesStayAbove() {
        var board = new TaskBoard(new PlainScreen(new PrintStream(new ByteArrayOutputStream(), true, UTF_8), clock));
        var screen = new LiveScreen(out, clock, board::contents, () -> new TerminalSize(24, 120), true);
        board.seen(TestingObjects.task("mail", "Succeeded", TestingObjects.ended("Succeeded", "Delivered")));
        screen.close();
        screen.say("a line that stays");
        String text = written.toString(UTF_8);
        assertThat(text).contains("\033[32mSucceeded  \033[0m");
        assertThat(text).endsWith("\033[3F\033[Ja line that stays\n");
    }

    private List<String> lines() {
        return written.toString(UTF_8).lines().toList();
    }
}

package dev.taskqueue.dev;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The screen for a terminal. It draws the table over itself a few times a second, however much happens. Lines that stay move up above the table. */
final class LiveScreen implements Screen {
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int LONGEST_NAME = 40;
    private static final String RESET = "\033[0m";

    private final PrintStream out;
    private final InstantSource clock;
    private final Supplier<TaskBoard.Contents> contents;
    private final Supplier<TerminalSize> size;
    private final boolean colours;
    private final Thread painter;
    private int drawn;
    private volatile boolean closed;

    /** @param contents what is drawn; called on a separate thread */
    LiveScreen(
            PrintStream out,
            InstantSource clock,
            Supplier<TaskBoard.Contents> contents,
            Supplier<TerminalSize> size,
            boolean colours) {
        this.out = out;
        this.clock = clock;
        this.contents = contents;
        this.size = size;
        this.colours = colours;
        painter = Thread.ofVirtual().name("screen").start(this::paint);
    }

    private void paint() {
        try {
            while (!closed) {
                draw();
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void changed(QueueRow queue) {}

    @Override
    public void changed(TaskRow task) {}

    @Override
    public synchronized void say(String line) {
        out.print(erase() + line + "\n");
        out.flush();
        drawn = 0;
    }

    private void draw() {
        List<String> lines = lines(contents.get(), size.get());
        synchronized (this) {
            if (!closed) {
                put(lines);
            }
        }
    }

    private void put(List<String> lines) {
        out.print(erase() + lines.stream().map(line -> line + "\n").collect(Collectors.joining()));
        out.flush();
        drawn = lines.size();
    }

    private String erase() {
        return drawn == 0 ? "" : "\033[" + drawn + "F\033[J";
    }

    /** Cuts the lines so that the terminal neither breaks nor scrolls them. Otherwise the table could not be drawn over itself. */
    List<String> lines(TaskBoard.Contents all, TerminalSize size) {
        if (all.queues().isEmpty() && all.tasks().isEmpty()) {
            return List.of();
        }
        ColumnLayout columns = columns(all);
        Instant now = clock.instant();
        var lines = new ArrayList<String>();
        lines.add(cut(columns.head(), size.columns()));
        int freeLines = Math.max(4, size.rows() - 3);
        List<QueueRow> queues = all.queues().subList(0, Math.min(all.queues().size(), freeLines / 2));
        queues.forEach(queue -> lines.add(coloured(cut(columns.line(queue), size.columns()), "", columns)));
        int left = freeLines - queues.size();
        List<TaskRow> tasks = all.tasks().size() <= left ? all.tasks() : foremost(all.tasks(), left - 1);
        tasks.forEach(task -> lines.add(coloured(cut(columns.line(task, now), size.columns()), colour(task), columns)));
        if (tasks.size() < all.tasks().size()) {
            lines.add(cut("      and " + rest(all.tasks(), tasks), size.columns()));
        }
        return lines;
    }

    /** Sorts the Tasks: first those that went wrong, then those at work, then those that come next, then those that have ended. */
    private static List<TaskRow> foremost(List<TaskRow> tasks, int count) {
        return tasks.stream()
                .sorted(Comparator.comparingInt(LiveScreen::rank)
                        .thenComparing(row -> row.nextAt() == null ? Instant.EPOCH : row.nextAt()))
                .limit(Math.max(1, count))
                .toList();
    }

    private static int rank(TaskRow row) {
        return switch (row.end()) {
            case OTHERWISE -> 0;
            case NOT_YET -> row.nextAt() == null ? 1 : 2;
            case AS_EXPECTED -> 3;
        };
    }

    private static String rest(List<TaskRow> all, List<TaskRow> shown) {
        long ended = Stream.concat(
                        all.stream().filter(TaskRow::hasEnded).map(row -> 1L),
                        shown.stream().filter(TaskRow::hasEnded).map(row -> -1L))
                .reduce(0L, Long::sum);
        int more = all.size() - shown.size();
        return more + " more, " + ended + " of them ended";
    }

    private static ColumnLayout columns(TaskBoard.Contents all) {
        int names = Stream.concat(
                        all.tasks().stream().map(row -> row.task().name()),
                        all.queues().stream().map(row -> row.queue().name()))
                .mapToInt(String::length)
                .max()
                .orElse(0);
        int queues = all.queues().stream()
                .mapToInt(row -> row.queue().name().length())
                .max()
                .orElse(0);
        return new ColumnLayout(Math.clamp(names, 12, LONGEST_NAME), Math.clamp(queues, 5, LONGEST_NAME));
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, Math.max(0, columns));
    }

    private static String colour(TaskRow row) {
        return switch (row.end()) {
            case AS_EXPECTED -> "\033[32m";
            case OTHERWISE -> "\033[31m";
            case NOT_YET -> row.state().equals("BackingOff") ? "\033[33m" : "\033[36m";
        };
    }

    private String coloured(String line, String colour, ColumnLayout columns) {
        int from = columns.stateAt();
        int to = Math.min(line.length(), from + ColumnLayout.stateWidth());
        return !colours || colour.isEmpty() || from >= to
                ? line
                : line.substring(0, from) + colour + line.substring(from, to) + RESET + line.substring(to);
    }

    @Override
    public void close() {
        draw();
        closed = true;
        painter.interrupt();
    }
}

package dev.taskqueue.dev;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The screen without a terminal: it writes a line for each event, with the seconds since the first one. */
final class PlainScreen implements Screen {
    private final PrintStream out;
    private final InstantSource clock;
    private @Nullable Instant start;
    private final Map<TaskId, TaskRow> shown = new HashMap<>();
    private final Map<QueueId, QueueRow> queues = new LinkedHashMap<>();

    PlainScreen(PrintStream out, InstantSource clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public synchronized void changed(QueueRow queue) {
        QueueRow before = queues.put(queue.queue(), queue);
        boolean known = before == null ? queue.isKnown() : !before.state().equals(queue.state());
        if (known) {
            timed(ColumnLayout.FIXED.line(queue));
        }
    }

    @Override
    public synchronized void changed(TaskRow task) {
        if (task.differsFrom(shown.put(task.task(), task))) {
            timed(ColumnLayout.FIXED.line(task, clock.instant()));
        }
    }

    private void timed(String line) {
        Instant now = clock.instant();
        start = start == null ? now : start;
        double seconds = Duration.between(start, now).toMillis() / 1000.0;
        say(String.format(Locale.ROOT, "%6.1f s  %s", seconds, line));
    }

    @Override
    public synchronized void close() {
        queues.values().forEach(queue -> timed(ColumnLayout.FIXED.line(queue)));
        out.flush();
    }
}

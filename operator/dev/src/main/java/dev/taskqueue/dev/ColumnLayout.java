package dev.taskqueue.dev;

import java.time.Instant;
import java.util.Locale;

/** Puts queues and Tasks into columns. */
record ColumnLayout(int nameWidth, int queueWidth) {
    /** Wide enough for usual names. A longer name pushes the rest of its line to the right. */
    static final ColumnLayout FIXED = new ColumnLayout(30, 12);

    /** Where the column of the state begins and how wide it is. A terminal colours this part. */
    int stateAt() {
        return "queue ".length() + nameWidth + 1 + queueWidth + 1;
    }

    static int stateWidth() {
        return 11;
    }

    String head() {
        return line("", "NAME", "QUEUE", "STATE", "ATTEMPTS", "CODE", "PROGRESS");
    }

    String line(QueueRow queue) {
        return line("queue", queue.queue().name(), "", queue.state(), "", "", queue.progress() + "  " + queue.limits());
    }

    String line(TaskRow task, Instant now) {
        String code = task.code() == null ? "" : String.valueOf(task.code());
        String attempts = task.attempts() == 0 ? "" : String.valueOf(task.attempts());
        return line("task", task.task().name(), task.queue(), task.state(), attempts, code, task.progress(now));
    }

    private String line(
            String kind, String name, String queue, String state, String attempts, String code, String progress) {
        String format = "%-5s %-" + nameWidth + "s %-" + queueWidth + "s %-" + stateWidth() + "s %8s %4s  %s";
        return String.format(Locale.ROOT, format, kind, name, queue, state, attempts, code, progress)
                .stripTrailing();
    }
}

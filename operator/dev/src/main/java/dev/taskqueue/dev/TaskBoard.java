package dev.taskqueue.dev;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All known queues and Tasks, and whether they ended as expected. Safe for use by several threads. */
final class TaskBoard {
    /** Receives each change, in order. The board waits for it meanwhile, so it must be quick. */
    interface Watcher {
        void changed(QueueRow queue);

        void changed(TaskRow task);
    }

    private final Watcher watcher;
    private final Map<TaskId, TaskRow> tasks = new LinkedHashMap<>();
    private final Map<QueueId, QueueRow> queues = new TreeMap<>(Comparator.comparing(QueueId::toString));
    private final List<String> refusals = new ArrayList<>();
    private int open;
    private int otherwise;

    TaskBoard(Watcher watcher) {
        this.watcher = watcher;
    }

    /** A copy of all rows. */
    record Contents(List<QueueRow> queues, List<TaskRow> tasks) {}

    synchronized Contents contents() {
        return new Contents(List.copyOf(queues.values()), List.copyOf(tasks.values()));
    }

    synchronized void seen(Task task) {
        put(TaskRow.of(task));
    }

    synchronized void deleted(Task task) {
        TaskRow row = tasks.get(id(task));
        if (row != null) {
            put(row.deleted());
        }
    }

    private void put(TaskRow row) {
        TaskRow before = tasks.put(row.task(), row);
        open += count(!row.hasEnded()) - count(before != null && !before.hasEnded());
        otherwise += count(row.end() == TaskRow.End.OTHERWISE)
                - count(before != null && before.end() == TaskRow.End.OTHERWISE);
        var queue = new QueueId(row.task().namespace(), row.queue());
        put(row(queue).plus(count(before == null), count(row.hasEnded()) - count(ended(before))));
        watcher.changed(row);
    }

    private static boolean ended(@Nullable TaskRow row) {
        return row != null && row.hasEnded();
    }

    private static int count(boolean one) {
        return one ? 1 : 0;
    }

    synchronized void seen(TaskQueue queue) {
        put(row(id(queue)).with(queue));
    }

    synchronized void deleted(TaskQueue queue) {
        put(row(id(queue)).missing());
    }

    private void put(QueueRow row) {
        queues.put(row.queue(), row);
        watcher.changed(row);
    }

    private QueueRow row(QueueId queue) {
        return queues.getOrDefault(queue, QueueRow.of(queue));
    }

    private static QueueId id(TaskQueue queue) {
        return new QueueId(
                queue.getMetadata().getNamespace(), queue.getMetadata().getName());
    }

    static TaskId id(Task task) {
        ObjectMeta metadata = task.getMetadata();
        return new TaskId(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }

    /** Notes that a Task of a manifest was refused because of its name. {@code expected} says whether the manifest expected this. */
    synchronized void refused(String name, boolean expected) {
        if (!expected) {
            refusals.add(name);
        }
    }

    synchronized boolean isDone(int created) {
        return tasks.size() >= created && open == 0;
    }

    synchronized boolean isAsExpected() {
        return open == 0 && otherwise == 0 && refusals.isEmpty();
    }

    /** The result of the run, in a sentence. */
    synchronized String summary() {
        int wrong = open + otherwise + refusals.size();
        if (wrong == 0) {
            return tasks.size() == 1
                    ? "The Task ended as expected."
                    : "All " + tasks.size() + " Tasks ended as expected.";
        }
        var parts = new ArrayList<String>();
        if (otherwise > 0) {
            parts.add(otherwise + " of " + tasks.size() + " Tasks ended otherwise than expected");
        }
        if (open > 0) {
            parts.add(open + " have not ended");
        }
        if (!refusals.isEmpty()) {
            parts.add(refusals.size() + " were refused because of their names: " + String.join(", ", refusals));
        }
        return String.join("; ", parts) + ".";
    }
}

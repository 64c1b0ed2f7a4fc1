package dev.taskqueue.gateway.mapping;

import dev.taskqueue.client.TaskNames;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.regex.Pattern;

/**
 * The name of a task, {@code projects/P/locations/L/queues/Q/tasks/T}.
 *
 * @param id the key of the Task
 */
public record TaskName(QueueName queue, String id) {
    private static final String TASKS = "/tasks/";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,500}");
    private static final Pattern OBJECT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    /** Reads a name for a new task. */
    public static TaskName parse(String name, String field) {
        TaskName task = split(name, field);
        if (!ID.matcher(task.id).matches()) {
            throw badId(task.id);
        }
        return task;
    }

    /** Reads a name of an existing task: besides keys, names of objects are allowed, which may have points. */
    public static TaskName parseExisting(String name, String field) {
        TaskName task = split(name, field);
        if (!task.isKey() && !OBJECT.matcher(task.id).matches()) {
            throw badId(task.id);
        }
        return task;
    }

    private static TaskName split(String name, String field) {
        int end = name.indexOf(TASKS);
        if (end < 0) {
            throw RpcFailure.invalidName(
                    "Task name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>/tasks/<TASK_ID>\"; "
                            + field + " is \"" + ShownText.text(name) + "\".");
        }
        return new TaskName(QueueName.parse(name.substring(0, end), field), name.substring(end + TASKS.length()));
    }

    private static RpcFailure badId(String id) {
        return RpcFailure.invalidName("Task ID \"" + ShownText.text(id)
                + "\" can contain only letters ([A-Za-z]), numbers ([0-9]), hyphens (-), or underscores (_)."
                + " Task ID must have between 1 and 500 characters.");
    }

    /** Whether the id can be a key. */
    public boolean isKey() {
        return ID.matcher(id).matches();
    }

    /** The name of the object that has the id as its key. */
    public String object() {
        return TaskNames.of(queue.object(), id);
    }

    @Override
    public String toString() {
        return queue + TASKS + id;
    }
}

package dev.taskqueue.gateway.mapping;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of a task that is an item of a TaskBatch: the batch's name and the index, as its handler sees them in {@code X-CloudTasks-TaskName}.
 *
 * @param batch the queue's name, {@code -} and a number of 16 digits
 * @param index from 0
 */
public record ItemName(String batch, int index) {
    /** The least number of a batch. */
    public static final long LEAST_NUMBER = 1_000_000_000_000_000L;
    /** Above the highest one. */
    public static final long NUMBERS_END = 10 * LEAST_NUMBER;

    private static final Pattern REST = Pattern.compile("(-[1-9][0-9]{15})-(0|[1-9][0-9]{0,2})");

    /** The name of a new batch. */
    public static String batch(String queue, long number) {
        return queue + "-" + number;
    }

    /** Reads the id of a task; absent if it is none of an item. */
    public static Optional<ItemName> parse(TaskName task) {
        String queue = task.queue().object();
        if (!task.id().startsWith(queue)) {
            return Optional.empty();
        }
        Matcher rest = REST.matcher(task.id().substring(queue.length()));
        return rest.matches()
                ? Optional.of(new ItemName(queue + rest.group(1), Integer.parseInt(rest.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return batch + "-" + index;
    }
}

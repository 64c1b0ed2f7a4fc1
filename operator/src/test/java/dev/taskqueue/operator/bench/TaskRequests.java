package dev.taskqueue.operator.bench;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * The API server's count of the requests that it answered about our kinds.
 *
 * @param writes of Tasks and TaskBatches, and their status
 * @param refused those {@code writes} that failed: conflicts, throttling, errors
 * @param all requests of our API group, of any kind; a watch counts when it ends
 */
record TaskRequests(long writes, long refused, long all) {
    private static final Pattern OURS = Pattern.compile("apiserver_request_total\\{.*group=\"taskqueue\\.dev\".*");
    private static final Pattern TASK_WRITE =
            Pattern.compile(".*resource=\"(tasks|taskbatches)\".*verb=\"(POST|PUT|PATCH|APPLY|DELETE)\".*");
    private static final Pattern DONE = Pattern.compile(".*code=\"2..\".*");

    /** The counts at this moment, from the API server's metrics. */
    static TaskRequests in(String metrics) {
        List<String> ours =
                metrics.lines().filter(line -> OURS.matcher(line).matches()).toList();
        List<String> writes =
                ours.stream().filter(line -> TASK_WRITE.matcher(line).matches()).toList();
        List<String> refused =
                writes.stream().filter(line -> !DONE.matcher(line).matches()).toList();
        return new TaskRequests(sum(writes), sum(refused), sum(ours));
    }

    TaskRequests minus(TaskRequests before) {
        return new TaskRequests(writes - before.writes, refused - before.refused, all - before.all);
    }

    private static long sum(List<String> lines) {
        ToLongFunction<String> value = line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        return lines.stream().mapToLong(value).sum();
    }
}

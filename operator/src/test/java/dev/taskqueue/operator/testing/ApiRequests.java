package dev.taskqueue.operator.testing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many requests the API server has answered, by its own metrics. It counts over all namespaces: nobody else may be at work. */
public final class ApiRequests {
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final String metrics;

    private ApiRequests(String metrics) {
        this.metrics = metrics;
    }

    /** As of now. */
    public static ApiRequests of(ControlPlane plane) {
        return new ApiRequests(plane.metrics());
    }

    /** Writes of all kinds to Tasks and their status. */
    public long taskWrites() {
        return count("POST", "tasks", "")
                + count("PUT", "tasks", "")
                + count("PATCH", "tasks", "")
                + count("PUT", "tasks", "status")
                + statusPatches()
                + deletes()
                + count("DELETECOLLECTION", "tasks", "");
    }

    public long statusPatches() {
        return count("PATCH", "tasks", "status");
    }

    public long deletes() {
        return count("DELETE", "tasks", "");
    }

    /** Requests of our API group, whatever came of them; {@code subresource} is empty for the object itself. */
    public long count(String verb, String resource, String subresource) {
        return metrics.lines()
                .filter(line -> line.startsWith("apiserver_request_total{"))
                .filter(line -> label(line, "group").equals("taskqueue.dev")
                        && label(line, "verb").equals(verb)
                        && label(line, "resource").equals(resource)
                        && label(line, "subresource").equals(subresource))
                .mapToLong(ApiRequests::value)
                .sum();
    }

    /** Requests of any kind that ended with this code. */
    public long answered(int code) {
        return metrics.lines()
                .filter(line -> line.startsWith("apiserver_request_total{")
                        && label(line, "code").equals(String.valueOf(code)))
                .mapToLong(ApiRequests::value)
                .sum();
    }

    private static String label(String line, String name) {
        Matcher labels = LABEL.matcher(line);
        while (labels.find()) {
            if (labels.group(1).equals(name)) {
                return labels.group(2);
            }
        }
        return "";
    }

    private static long value(String line) {
        return (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }
}

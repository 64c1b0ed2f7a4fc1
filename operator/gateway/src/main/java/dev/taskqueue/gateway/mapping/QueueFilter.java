package dev.taskqueue.gateway.mapping;

import com.google.cloud.tasks.v2.Queue;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter of ListQueues: one comparison of {@code state} or {@code name}. */
public final class QueueFilter {
    private static final Pattern FORM = Pattern.compile("\\s*(state|name)\\s*(:|=|!=)\\s*\"?([^\"\\s]+)\"?\\s*");

    private QueueFilter() {}

    /** Reads a filter; an empty one lets every queue pass. */
    public static Predicate<Queue> parse(String filter) {
        if (filter.isBlank()) {
            return queue -> true;
        }
        Matcher parts = FORM.matcher(filter);
        if (!parts.matches()) {
            throw RpcFailure.invalid(
                    "filter",
                    "The filter \"" + ShownText.text(filter)
                            + "\" is not supported; write one comparison of state or name with :, = or !=, such as state=PAUSED.");
        }
        String wanted = parts.group(3);
        Predicate<Queue> matches = parts.group(1).equals("state")
                ? state(wanted)
                : name(wanted, parts.group(2).equals(":"));
        return parts.group(2).equals("!=") ? matches.negate() : matches;
    }

    private static Predicate<Queue> state(String wanted) {
        return queue -> queue.getState().name().equals(wanted.toUpperCase(Locale.ROOT));
    }

    private static Predicate<Queue> name(String wanted, boolean part) {
        return queue -> {
            String id = queue.getName().substring(queue.getName().lastIndexOf('/') + 1);
            return part ? queue.getName().contains(wanted) : queue.getName().equals(wanted) || id.equals(wanted);
        };
    }
}

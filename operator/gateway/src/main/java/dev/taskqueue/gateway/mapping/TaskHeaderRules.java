package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which headers of a task the handler gets. Cloud Tasks drops some silently, and so does this. Their names with {@code _} instead of {@code -} are refused:
 * many servers make one name of both, so a handler could take such a header for one that the queue sent.
 */
final class TaskHeaderRules {
    private static final Pattern DROPPED =
            Pattern.compile("(host|content-length|user-agent|transfer-encoding|connection|keep-alive|te|trailer"
                    + "|trailers|upgrade|expect)|(x-google-|x-appengine-|x-cloudtasks-|proxy-).*");
    private static final String OURS = "taskqueue-";
    static final String AUTHORIZATION = "authorization";

    private TaskHeaderRules() {}

    /** Writes the headers that stay, with the casing that they have. */
    static ObjectNode write(Map<String, String> headers, boolean token, String field) {
        ObjectNode written = ObjectJson.object();
        headers.forEach((name, value) -> {
            String small = name.toLowerCase(Locale.ROOT);
            if (small.startsWith(OURS)) {
                throw RpcFailure.invalid(
                        field,
                        "Headers that begin with TaskQueue- are set by the operator; remove \"" + ShownText.text(name)
                                + "\".");
            }
            String read = small.replace('_', '-');
            if (!read.equals(small)
                    && (read.startsWith(OURS) || DROPPED.matcher(read).matches())) {
                throw RpcFailure.invalid(
                        field,
                        "Many servers read the header \"" + ShownText.text(name) + "\" as \"" + ShownText.text(read)
                                + "\", which tasks cannot set; remove it.");
            }
            if (token && small.equals(AUTHORIZATION)) {
                throw RpcFailure.invalid(
                        field, "The token is sent in the header Authorization; remove that header, or the token.");
            }
            if (!DROPPED.matcher(small).matches()) {
                written.put(name, value);
            }
        });
        return written;
    }
}

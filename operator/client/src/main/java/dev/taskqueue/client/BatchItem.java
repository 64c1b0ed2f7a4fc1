package dev.taskqueue.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of a batch: what it replaces of the template. Of what is said twice, the last counts. For one thread.
 */
public final class BatchItem {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,200}");
    private static final int MAX_BODY = 65_536;

    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private boolean isJsonText;

    BatchItem() {}

    /**
     * The producer's own name for this item, unique in the batch. Its handler gets it as {@code X-CloudTasks-TaskName}; without one it gets the
     * batch's name and the item's index.
     *
     * @param key 1 to 200 letters, digits, {@code -} and {@code _}
     * @throws IllegalArgumentException where the key is not such
     */
    public BatchItem key(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("The key \"" + key
                    + "\" of an item is not 1 to 200 letters, digits, \"-\" and \"_\"; write it so.");
        }
        fields.put("key", key);
        return this;
    }

    /** Path and query, percent-encoded, with {@code /} at the beginning; instead of the template's. */
    public BatchItem path(String path) {
        fields.put("path", path);
        return this;
    }

    /** A header in addition to the template's, or instead of one of them; at most 16. */
    public BatchItem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** The body as text, sent as UTF-8; at most 65,536 characters. */
    public BatchItem body(String text) {
        return body("body", text, false);
    }

    /** The body as it is. */
    public BatchItem body(byte[] bytes) {
        return body("bodyBase64", Base64.getEncoder().encodeToString(bytes), false);
    }

    /**
     * The body as JSON, by Jackson with the modules it finds and times as text; at most 65,536 characters. It is sent with {@code Content-Type:
     * application/json} unless the item, the template or the queue sets another.
     *
     * @throws IllegalArgumentException where Jackson cannot write it
     */
    public BatchItem json(Object value) {
        JsonNode tree = JsonBodies.tree(value);
        // The operator sends text as it is, and takes null for no body.
        boolean isText = tree.isTextual() || tree.isNull();
        return body("body", isText ? JsonBodies.text(tree) : tree, isText);
    }

    private BatchItem body(String field, Object value, boolean isJsonText) {
        fields.remove("body");
        fields.remove("bodyBase64");
        fields.put(field, value);
        this.isJsonText = isJsonText;
        return this;
    }

    /** Due so long after the batch's creation, instead of the batch's time. Instead of {@link #scheduleTime}. */
    public BatchItem delay(Duration delay) {
        fields.remove("scheduleTime");
        fields.put("delay", Durations.text(delay));
        return this;
    }

    /** Due at that time, and never earlier; instead of the batch's time. Instead of {@link #delay}. */
    public BatchItem scheduleTime(Instant time) {
        fields.remove("delay");
        fields.put("scheduleTime", time.toString());
        return this;
    }

    @Nullable String key() {
        return (String) fields.get("key");
    }

    /**
     * The item as a line of a batch.
     *
     * @throws IllegalArgumentException where its body is too long
     */
    String line() {
        Object body = fields.get("body");
        if (body != null && length(body) > MAX_BODY) {
            throw new IllegalArgumentException("The body of item " + key() + " is longer than " + MAX_BODY
                    + " characters: shorten it, or send a Task with bodyFromSecret or bodyFromConfigMap.");
        }
        var whole = new LinkedHashMap<>(fields);
        var sent = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        sent.putAll(headers);
        if (isJsonText) {
            sent.putIfAbsent("Content-Type", "application/json");
        }
        if (!sent.isEmpty()) {
            whole.put("headers", sent);
        }
        return JsonBodies.text(whole);
    }

    private static int length(Object body) {
        String text = body instanceof String written ? written : JsonBodies.text(body);
        return text.codePointCount(0, text.length());
    }

    /** Without its contents: headers and body may be private. */
    @Override
    public String toString() {
        return "BatchItem[" + key() + "]";
    }
}

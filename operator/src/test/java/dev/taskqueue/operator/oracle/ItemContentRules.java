package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is sent for an item. Judged where the queue's {@code httpTarget} has no part in it.
 *
 * <ul>
 *   <li>{@code ItemRequestWrong}: the request of an item is that of the template, with the path, the headers and the body that the item has itself: "text goes as
 *       it is, the rest as the bytes in the line". A dead letter tells where it comes from.
 *   <li>{@code ItemLetterWrong}: dead letters are made "from exactly those indexes, effective requests": each has what its item had.
 * </ul>
 */
final class ItemContentRules {
    private final World world;

    ItemContentRules(World world) {
        this.world = world;
    }

    void received(BatchModel batch, int index, Request request) {
        for (QueueSpec spec : world.queue(batch.queue).since(request.decidedAt - world.notice())) {
            if (spec.httpTarget() != null) {
                return;
            }
        }
        JsonNode item = batch.items.get(index).line;
        JsonNode template = child(child(batch.spec, "template"), "httpRequest");
        String method = text(template, "method").isEmpty() ? "POST" : text(template, "method");
        if (!request.method.equals(method)) {
            wrong(batch, request, "the method " + request.method + ", not " + method);
        }
        String path = text(item, "path").isEmpty() ? text(template, "path") : text(item, "path");
        path = path.isEmpty() ? "/" : path;
        if (!request.path.equals(path) && ContentRules.plain(path)) {
            wrong(batch, request, "the path " + request.path + ", not " + path);
        }
        headers(batch, request, child(template, "headers"), child(item, "headers"));
        byte[] body = hasBody(item) ? body(item) : hasBody(template) ? body(template) : null;
        if (body != null) {
            body(batch, request, body);
        }
        origin(batch, request, item.path("deadLetterOf"));
    }

    private void origin(BatchModel batch, Request request, JsonNode origin) {
        for (String field : new String[] {"queue", "task", "reason"}) {
            String header = "taskqueue-deadletter-" + field;
            if (!request.header(header).equals(text(origin, field))) {
                wrong(batch, request, header + " " + request.header(header) + ", not " + text(origin, field));
            }
        }
    }

    /** The batch of dead letters was created. */
    void letters(BatchModel batch, BatchModel letters) {
        boolean merged =
                world.queue(batch.queue).versions.stream().anyMatch(version -> version.spec.httpTarget() != null);
        if (merged || batch.touched) {
            return;
        }
        for (BatchModel.Item letter : letters.items) {
            int index = letter.line.path("deadLetterOf").path("index").asInt(-1);
            if (index >= 0 && index < batch.total() && !isSame(batch.items.get(index).line, letter.line)) {
                String text = letters.key + " has " + letter.line + " for item " + index;
                BatchFacts.violation(world, "ItemLetterWrong", batch, text);
            }
        }
    }

    private static boolean isSame(JsonNode item, JsonNode letter) {
        return text(item, "key").equals(text(letter, "key"))
                && text(item, "path").equals(text(letter, "path"))
                && Objects.equals(child(item, "headers"), child(letter, "headers"))
                && hasBody(item) == hasBody(letter)
                && Arrays.equals(body(item), body(letter));
    }

    private void headers(BatchModel batch, Request request, @Nullable JsonNode common, @Nullable JsonNode own) {
        Map<String, String> expected = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (JsonNode headers : new JsonNode[] {common, own}) {
            if (headers != null) {
                headers.properties()
                        .forEach(header ->
                                expected.put(header.getKey(), header.getValue().asText()));
            }
        }
        expected.forEach((name, value) -> {
            if (name.regionMatches(true, 0, "x-", 0, 2)
                    && !request.header(lower(name)).equals(value.strip())) {
                wrong(batch, request, "header " + name + ": " + request.header(lower(name)) + ", not " + value);
            }
        });
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean hasBody(@Nullable JsonNode request) {
        return child(request, "body") != null || child(request, "bodyBase64") != null;
    }

    private static byte[] body(@Nullable JsonNode request) {
        return child(request, "body") == null
                ? Base64.getDecoder().decode(text(request, "bodyBase64"))
                : text(request, "body").getBytes(UTF_8);
    }

    private void body(BatchModel batch, Request request, byte[] body) {
        Integer hash = request.bodyHash;
        if (body.length != request.bodySize || (hash != null && hash != Arrays.hashCode(body))) {
            wrong(batch, request, "another body, of " + request.bodySize + " bytes, not " + body.length);
        }
    }

    private void wrong(BatchModel batch, Request request, String text) {
        BatchFacts.violation(
                world, "ItemRequestWrong", batch, "request " + request.id + " of " + request.task.key + " has " + text);
    }
}

package dev.taskqueue.operator.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.domain.Durations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the worker must have received for the items of a TaskBatch. The spec is the one that the API server keeps. */
final class ItemRequestRules {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ItemRequestRules() {}

    /** What is wrong with the requests of a batch; empty if they are in order. */
    static Optional<String> wrong(JsonNode batch, FuzzWorker worker) {
        JsonNode template = batch.at("/spec/template/httpRequest");
        List<JsonNode> items = items(batch.path("spec"));
        String reason = TaskRules.condition(batch.path("status"), "Succeeded")
                .path("reason")
                .asText();
        BitSet succeeded = Ranges.read(batch.at("/status/succeeded").asText());
        String uid = batch.at("/metadata/uid").asText();
        for (int index = 0; index < items.size(); index++) {
            JsonNode item = items.get(index);
            if (RequestRules.hasOwnKey(template) || RequestRules.hasOwnKey(item)) {
                continue;
            }
            FuzzWorker.Arrivals arrivals = worker.arrivals(uid + "-" + index);
            if (reason.equals("InvalidSpec") && arrivals.count() > 0) {
                return Optional.of("item " + index + " was sent, and the batch is InvalidSpec");
            }
            if (reason.equals("Delivered") && !item.isObject()) {
                return Optional.of("line " + index + " is no JSON object, and the batch is Delivered");
            }
            if (succeeded.get(index) && arrivals.count() == 0) {
                return Optional.of("item " + index + " succeeded, but the worker got no request");
            }
            Optional<String> wrong = arrivals.count() == 0
                    ? Optional.empty()
                    : wrongTime(batch, item, arrivals).or(() -> wrongContent(batch, item, arrivals));
            if (wrong.isPresent()) {
                return Optional.of("item " + index + ": " + wrong.get());
            }
        }
        return Optional.empty();
    }

    /** The items; a line that is no JSON is a missing node. */
    private static List<JsonNode> items(JsonNode spec) {
        var items = new ArrayList<JsonNode>();
        for (int i = 0; i < spec.path("count").asInt(); i++) {
            items.add(JsonNodeFactory.instance.objectNode());
        }
        spec.path("items").forEach(items::add);
        spec.path("lines").asText().lines().filter(line -> !line.isBlank()).forEach(line -> items.add(line(line)));
        return items;
    }

    private static JsonNode line(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException noJson) {
            return MissingNode.getInstance();
        }
    }

    private static Optional<String> wrongTime(JsonNode batch, JsonNode item, FuzzWorker.Arrivals arrivals) {
        if (batch.at("/metadata/annotations").has(Annotations.RUN_NOW)) {
            return Optional.empty();
        }
        JsonNode spec = batch.path("spec");
        if (RequestRules.NOT_RUNNING.contains(spec.at("/queueRef/name").asText())) {
            return Optional.of("it was sent while its queue was paused");
        }
        JsonNode from = item.has("scheduleTime") || item.has("delay") ? item : spec;
        Instant created = RequestRules.time(batch.at("/metadata/creationTimestamp"));
        Instant due = from.has("scheduleTime")
                ? RequestRules.time(from.path("scheduleTime"))
                : created.plus(Durations.parse(from.path("delay").asText("0s")));
        return arrivals.first().isBefore(due) ? Optional.of("it was sent before it was due") : Optional.empty();
    }

    private static Optional<String> wrongContent(JsonNode batch, JsonNode item, FuzzWorker.Arrivals arrivals) {
        if (!RequestRules.PLAIN.contains(batch.at("/spec/queueRef/name").asText())) {
            return Optional.empty();
        }
        JsonNode template = batch.at("/spec/template/httpRequest");
        String path = item.path("path").asText(template.path("path").asText("/"));
        String line = template.path("method").asText("POST") + " " + path + " HTTP/1.1";
        if (!arrivals.line().equals(line)
                && !RequestRules.REWRITTEN.matcher(line).find()) {
            return Optional.of("the request line is " + arrivals.line() + " in place of " + line);
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        template.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        item.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String sent = arrivals.headers().getOrDefault(header.getKey().toLowerCase(Locale.ROOT), "");
            if (!sent.equals(header.getValue().strip())) {
                return Optional.of("header " + header.getKey() + " has another value");
            }
        }
        return isSame(template, item, arrivals.body()) ? Optional.empty() : Optional.of("the body is another one");
    }

    private static boolean isSame(JsonNode template, JsonNode item, String body) {
        if (item.path("body").isTextual()) {
            return body.equals(new String(item.path("body").asText().getBytes(UTF_8), ISO_8859_1));
        }
        if (item.has("body")) {
            return RequestRules.isSameJson(item.path("body"), body);
        }
        return RequestRules.isSame(item.has("bodyBase64") ? item : template, body);
    }
}

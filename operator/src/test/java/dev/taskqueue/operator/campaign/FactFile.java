package dev.taskqueue.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.oracle.Fact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Facts as lines of JSON. A run with real processes never happens twice, so whoever doubts its judgement needs its facts. */
final class FactFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FactFile() {}

    /** The fact as a line of JSON without its end. */
    static String line(Fact fact) {
        ObjectNode line = JSON.createObjectNode();
        line.put("fact", fact.getClass().getSimpleName());
        line.put("at", fact.at().toString());
        fill(line, fact);
        return line.toString();
    }

    private static void fill(ObjectNode line, Fact fact) {
        switch (fact) {
            case Fact.Stored stored -> {
                line.put("by", stored.by())
                        .put("change", stored.change().name())
                        .put("kind", stored.kind());
                line.set("object", stored.object());
            }
            case Fact.Received received -> {
                line.put("by", received.by()).put("id", received.id()).put("bodySize", received.bodySize());
                line.put("method", received.method()).put("path", received.path());
                Instant clock = received.senderTime();
                line.put("senderTime", clock == null ? null : clock.toString());
                line.put("bodyHash", received.bodyHash());
                line.set("headers", JSON.valueToTree(received.headers()));
            }
            case Fact.Refused refused ->
                line.put("kind", refused.kind())
                        .put("namespace", refused.namespace())
                        .put("name", refused.name());
            case Fact.WriteRefused refused ->
                line.put("by", refused.by()).put("path", refused.path()).put("code", refused.code());
            case Fact.Answered answered -> line.put("id", answered.id()).put("code", answered.code());
            case Fact.Started started -> line.put("process", started.process());
            case Fact.Ended ended ->
                line.put("process", ended.process()).put("how", ended.how().name());
            case Fact.Stopping stopping -> line.put("process", stopping.process());
            case Fact.Frozen frozen -> line.put("process", frozen.process());
            case Fact.Thawed thawed -> line.put("process", thawed.process());
            case Fact.ClockSet set ->
                line.put("process", set.process()).put("offset", set.offset().toString());
            case Fact.FaultBegan began -> line.put("fault-name", began.fault()).put("namespace", began.namespace());
            case Fact.FaultEnded ended -> line.put("fault-name", ended.fault());
            case Fact.Holds holds -> {
                line.put("process", holds.process());
                line.set("sizes", JSON.valueToTree(holds.sizes()));
            }
        }
    }

    static Fact read(String text) {
        try {
            JsonNode line = JSON.readTree(text);
            Instant at = Instant.parse(line.path("at").asText());
            String process = line.path("process").asText();
            return switch (line.path("fact").asText()) {
                case "Stored" ->
                    new Fact.Stored(
                            at,
                            line.path("by").asText(),
                            Fact.Change.valueOf(line.path("change").asText()),
                            line.path("kind").asText(),
                            line.path("object"));
                case "Refused" ->
                    new Fact.Refused(
                            at,
                            line.path("kind").asText(),
                            line.path("namespace").asText(),
                            line.path("name").asText());
                case "WriteRefused" ->
                    new Fact.WriteRefused(
                            at,
                            line.path("by").asText(),
                            line.path("path").asText(),
                            line.path("code").asInt());
                case "Received" -> received(at, line);
                case "Answered" ->
                    new Fact.Answered(
                            at, line.path("id").asLong(), line.path("code").asInt());
                case "Started" -> new Fact.Started(at, process);
                case "Ended" ->
                    new Fact.Ended(
                            at, process, Fact.End.valueOf(line.path("how").asText()));
                case "Stopping" -> new Fact.Stopping(at, process);
                case "Frozen" -> new Fact.Frozen(at, process);
                case "Thawed" -> new Fact.Thawed(at, process);
                case "ClockSet" ->
                    new Fact.ClockSet(
                            at, process, Duration.parse(line.path("offset").asText()));
                case "FaultBegan" ->
                    new Fact.FaultBegan(
                            at,
                            line.path("fault-name").asText(),
                            line.path("namespace").asText());
                case "FaultEnded" ->
                    new Fact.FaultEnded(at, line.path("fault-name").asText());
                case "Holds" -> new Fact.Holds(at, process, sizes(line));
                default -> throw new IllegalArgumentException("no fact: " + text);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Fact received(Instant at, JsonNode line) {
        Map<String, String> headers = new TreeMap<>();
        line.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        JsonNode clock = line.path("senderTime");
        return new Fact.Received(
                at,
                line.path("by").asText(),
                clock.isTextual() ? Instant.parse(clock.asText()) : null,
                line.path("id").asLong(),
                line.path("method").asText(),
                line.path("path").asText(),
                headers,
                line.path("bodySize").asInt(),
                line.path("bodyHash").isInt() ? line.path("bodyHash").asInt() : null);
    }

    private static Map<String, Long> sizes(JsonNode line) {
        Map<String, Long> sizes = new TreeMap<>();
        line.path("sizes")
                .properties()
                .forEach(size -> sizes.put(size.getKey(), size.getValue().asLong()));
        return sizes;
    }
}

package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an item of a TaskBatch as the Task that it would be alone. */
public final class BatchItemReader {
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,4})(?:-([0-9]{1,4}))?");
    private static final List<String> ENDED = List.of("succeeded", "failed", "skipped");
    private static final int CHUNK = 100;

    private final JsonNode batch;
    private final JsonNode status;
    private final List<String> lines;
    private final BitSet ended = new BitSet();

    /** Of an object that the gateway wrote, as it is now. */
    public BatchItemReader(JsonNode batch) {
        this.batch = batch;
        this.status = batch.path("status");
        this.lines = ObjectJson.text(batch.path("spec"), "lines")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        ENDED.forEach(field -> addRanges(ObjectJson.text(status, field)));
    }

    /** Whether nothing further is sent of an item: it has ended, or the batch was cancelled. */
    public boolean hasEnded(int index) {
        return ended.get(index)
                || TaskMessageWriter.hasEnded(batch)
                || ObjectJson.annotation(batch, GatewayAnnotations.CANCEL) != null;
    }

    /** Whether every other item has ended. */
    public boolean isLast(int index) {
        var others = new BitSet();
        others.set(0, lines.size());
        others.clear(index);
        others.andNot(ended);
        return others.isEmpty();
    }

    private void addRanges(String ranges) {
        for (String range : ranges.split(",", -1)) {
            Matcher ends = RANGE.matcher(range);
            if (ends.matches()) {
                int from = Integer.parseInt(ends.group(1));
                int to = ends.group(2) == null ? from : Integer.parseInt(ends.group(2));
                ended.set(from, Math.max(from, to) + 1);
            }
        }
    }

    /** The item as a Task, with as much of its status as the batch keeps; absent if the batch has no such item. */
    public Optional<ObjectNode> task(int index) {
        if (index >= lines.size()) {
            return Optional.empty();
        }
        try {
            return Optional.of(task(index, ObjectJson.MAPPER.readTree(lines.get(index))));
        } catch (JsonProcessingException notOurs) {
            return Optional.empty();
        }
    }

    private ObjectNode task(int index, JsonNode item) {
        ObjectNode task = ObjectJson.object();
        JsonNode given = batch.path("metadata");
        ObjectNode metadata = task.putObject("metadata");
        metadata.set("namespace", given.path("namespace"));
        metadata.set("creationTimestamp", given.path("creationTimestamp"));
        ObjectNode annotations = metadata.putObject("annotations");
        annotations.setAll(annotations(given));
        annotations.put(GatewayAnnotations.KEY, new ItemName(ObjectJson.text(given, "name"), index).toString());
        String prefix = ObjectJson.annotation(batch, GatewayAnnotations.URL_PREFIX);
        if (prefix != null) {
            annotations.put(GatewayAnnotations.URL, prefix + ObjectJson.text(item, "path"));
        }
        ObjectNode spec = task.putObject("spec");
        JsonNode template = batch.path("spec").path("template");
        copy(template, "dispatchDeadline", spec);
        copy(item, "scheduleTime", spec);
        ObjectNode request = spec.putObject("httpRequest");
        template.path("httpRequest").properties().forEach(field -> request.set(field.getKey(), field.getValue()));
        item.properties().stream()
                .filter(field -> !field.getKey().equals("scheduleTime"))
                .forEach(field -> request.set(field.getKey(), field.getValue()));
        task.set("status", status(index));
        return task;
    }

    private static ObjectNode annotations(JsonNode metadata) {
        ObjectNode kept = ObjectJson.object();
        copy(metadata.path("annotations"), GatewayAnnotations.OIDC_EMAIL, kept);
        copy(metadata.path("annotations"), GatewayAnnotations.APP_ENGINE, kept);
        return kept;
    }

    private static void copy(JsonNode from, String field, ObjectNode to) {
        if (from.has(field)) {
            to.set(field, from.path(field));
        }
    }

    /** Of an item that waits for another attempt the status has {@code INDEX:ATTEMPTS/ANSWERS/...@FIRST+NEXT!CODE}, in seconds and milliseconds after its start. */
    private ObjectNode status(int index) {
        ObjectNode written = ObjectJson.object();
        String chunk = ObjectJson.text(status.path("retries"), String.valueOf(index - index % CHUNK));
        Matcher retry = Pattern.compile("(?:^| )" + index
                        + ":([0-9]{1,9})(?:/([0-9]{1,9})/[0-9]{1,9})?@(-?[0-9]{1,12})\\+(-?[0-9]{1,15})!")
                .matcher(chunk);
        Optional<Instant> start = ProtoTimes.instant(ObjectJson.text(status, "startTime"));
        if (retry.find() && start.isPresent()) {
            int attempts = Integer.parseInt(retry.group(1));
            written.put("dispatchCount", attempts)
                    .put("responseCount", retry.group(2) == null ? attempts : Integer.parseInt(retry.group(2)))
                    .put(
                            "nextAttemptTime",
                            start.get()
                                    .plusMillis(Long.parseLong(retry.group(4)))
                                    .toString());
            if (attempts > 0) {
                written.putObject("firstAttempt")
                        .put(
                                "dispatchTime",
                                start.get()
                                        .plusSeconds(Long.parseLong(retry.group(3)))
                                        .toString());
            }
        }
        return written;
    }
}

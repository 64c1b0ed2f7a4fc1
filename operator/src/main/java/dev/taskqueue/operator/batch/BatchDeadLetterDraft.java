package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.api.BatchTemplate;
import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.TargetMode;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.task.DerivedNames;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.TaskJson;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Drafts a batch in the dead-letter queue from failed items. Its requests are those that were sent: the template merged with the {@code httpTarget} of the
 * queue, and of each item what the queue let it replace. The items are due at once and never expire.
 */
public final class BatchDeadLetterDraft {
    /** The most characters of {@code spec.lines}. */
    private static final int MAX_LINES = 786_432;

    /** What the server adds to the object: names, times and fields that are managed. */
    private static final int METADATA = 8192;

    private final BatchObject batch;
    private final ItemList items;
    private final BatchProgress progress;
    private final HttpRequest request;
    private final boolean carriesBody;
    private final boolean keepsPath;
    /** Headers of items that were not sent. */
    private final Set<String> lostHeaders = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    private BatchDeadLetterDraft(
            BatchObject batch, ItemList items, BatchProgress progress, @Nullable HttpTarget target) {
        this.batch = batch;
        this.items = items;
        this.progress = progress;
        this.request = merged(batch.spec().request(), target);
        this.carriesBody = EffectiveRequest.carriesBody(request.method());
        HttpTarget winner = target != null && target.mode() == TargetMode.Always ? target : null;
        this.keepsPath = winner == null || winner.path() == null;
        if (winner != null) {
            loseHeaders(winner);
        }
        if (request.serviceAccountToken() != null) {
            lostHeaders.add("Authorization");
        }
    }

    /**
     * The draft of one batch.
     *
     * @param indexes the items that fit into it; the others need another one
     */
    public record Draft(String name, String json, BitSet indexes) {}

    /**
     * What is wanted.
     *
     * @param queue name of the dead-letter queue
     * @param indexes the failed items that need a dead letter; not empty
     */
    public record Goal(String queue, BitSet indexes) {}

    /**
     * Drafts the next batch of dead letters.
     *
     * @param target the {@code httpTarget} of the queue in which the items failed
     */
    public static Draft of(
            BatchObject batch, ItemList items, BatchProgress progress, @Nullable HttpTarget target, Goal goal) {
        return new BatchDeadLetterDraft(batch, items, progress, target).draft(goal);
    }

    /** Whether failed items of this batch get dead letters at all: those of dead letters do not. */
    public static boolean isPossible(ItemList items) {
        return !items.hasDeadLetters();
    }

    /** The name of the next batch of dead letters. Every process uses the same one, so that a second creation is refused. */
    public static String name(BatchId batch, int created) {
        return DerivedNames.of(batch.name(), "-dl-" + DerivedNames.shortUid(batch.uid()) + "-" + (created + 1));
    }

    /** The items of this batch that have a dead letter in an object of that name which exists already; empty if it is somebody else's. */
    public static BitSet indexesIn(JsonNode existing, BatchId batch) {
        var indexes = new BitSet();
        JsonNode owner = existing.path("metadata").path("annotations").path(Annotations.BATCH_UID);
        if (!batch.uid().equals(owner.textValue())) {
            return indexes;
        }
        for (String line : existing.path("spec").path("lines").asText().split("\n", -1)) {
            byte[] text = line.getBytes(StandardCharsets.UTF_8);
            try {
                DeadLetterOf origin = text.length == 0
                        ? null
                        : ItemParser.parse(text, 0, text.length).deadLetterOf();
                if (origin != null && origin.index() != null && batch.uid().equals(origin.uid())) {
                    indexes.set(origin.index());
                }
            } catch (ItemFault notOurs) {
                return new BitSet();
            }
        }
        return indexes;
    }

    /** The JSON body stays one, so that it has its Content-Type only where it is sent. */
    private static HttpRequest merged(@Nullable HttpRequest template, @Nullable HttpTarget target) {
        if (template == null || template.json() == null) {
            return EffectiveRequest.merged(template, target);
        }
        HttpRequest merged = EffectiveRequest.merged(template.withOnlyJson(null), target);
        return EffectiveRequest.carriesBody(merged.method()) ? merged.withOnlyJson(template.json()) : merged;
    }

    private void loseHeaders(HttpTarget target) {
        if (target.headers() != null) {
            lostHeaders.addAll(target.headers().keySet());
        }
        if (target.secretHeaders() != null) {
            for (SecretHeader header : target.secretHeaders()) {
                lostHeaders.add(String.valueOf(header.name()));
            }
        }
    }

    private Draft draft(Goal goal) {
        ObjectNode object = TaskJson.MAPPER.createObjectNode();
        String name = name(batch.id(), progress.deadLettersCreated());
        object.put("apiVersion", ApiGroup.API_VERSION).put("kind", "TaskBatch");
        object.set("metadata", batch.metadataOf(name));
        ObjectNode spec = object.putObject("spec");
        spec.putObject("queueRef").put("name", goal.queue());
        spec.set(
                "template",
                TaskJson.MAPPER.valueToTree(new BatchTemplate(batch.spec().dispatchDeadline(), request)));
        var fitting = new BitSet();
        spec.put("lines", lines(goal.indexes(), BatchSpecRules.MAX_STORED - METADATA - StoredSize.of(object), fitting));
        return new Draft(name, object.toString(), fitting);
    }

    /** The lines of as many items as fit, and at least one. */
    private String lines(BitSet indexes, int room, BitSet fitting) {
        var lines = new StringBuilder();
        int left = room;
        for (int index = indexes.nextSetBit(0); index >= 0; index = indexes.nextSetBit(index + 1)) {
            String line = ItemLine.of(deadLetter(index)) + "\n";
            left -= StoredSize.text(line);
            if (!fitting.isEmpty() && (left < 0 || lines.length() + line.length() > MAX_LINES)) {
                break;
            }
            lines.append(line);
            fitting.set(index);
        }
        return lines.toString();
    }

    private Item deadLetter(int index) {
        Item item = items.item(index);
        return new Item(
                item.key(),
                keepsPath ? item.path() : null,
                headers(item.headers()),
                carriesBody ? item.body() : null,
                item.isJson(),
                null,
                null,
                origin(index));
    }

    private Map<String, String> headers(Map<String, String> own) {
        if (own.isEmpty() || lostHeaders.isEmpty()) {
            return own;
        }
        var kept = new LinkedHashMap<>(own);
        kept.keySet().removeIf(lostHeaders::contains);
        return kept;
    }

    private DeadLetterOf origin(int index) {
        EndedItem end = progress.failedItem(index);
        return new DeadLetterOf(
                batch.queue().name(),
                batch.id().name(),
                batch.id().uid(),
                end == null || end.reason() == null ? null : end.reason().name(),
                end == null ? null : (Integer) end.attempts(),
                end == null || end.lastCode() == 0 ? null : (Integer) end.lastCode(),
                index);
    }
}

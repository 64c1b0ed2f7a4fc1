package dev.taskqueue.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers many deliveries of one queue, and creates them as TaskBatches:
 *
 * <pre>{@code
 * tasks.batch("order-tasks")
 *     .key("invoices-2026-11")
 *     .template(request -> request.path("/tasks/invoice"))
 *     .add(item -> item.key("order-4711").json(new Invoice("4711", "59.90")))
 *     .add(item -> item.key("order-4712").json(new Invoice("4712", "12.00")))
 *     .onFinished(report -> report.path("/reports/invoices"))
 *     .create();
 * }</pre>
 *
 * <p>A TaskBatch holds 1,000 items and some 780,000 characters. More are split over several, the parts, in the order in which they were added. Each
 * part is a TaskBatch of its own: {@code maxFailed} counts in it alone, and each reports its own end. Of what is said twice, the last counts. For one
 * thread.
 */
public final class BatchBuilder {
    /** The header of the report that says which part has ended, such as {@code 2/3}. */
    public static final String PART_HEADER = "X-Batch-Part";

    private final ObjectCreator creator;
    private final String queue;
    private final Map<String, Object> spec = new LinkedHashMap<>();
    private final ObjectMetadata metadata = new ObjectMetadata();
    private final BatchTemplate template = new BatchTemplate();
    private final List<String> lines = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();
    private @Nullable BatchReport report;
    private @Nullable String key;

    BatchBuilder(ObjectCreator creator, String queue) {
        this.creator = creator;
        this.queue = queue;
        spec.put("queueRef", Map.of("name", queue));
    }

    /**
     * The producer's own name for this batch, unique among the batches of its queue. While its TaskBatches are there, no second ones are created, so a
     * creation that broke off can be repeated. Without a key each call creates new ones.
     *
     * @param key 1 to 500 letters, digits, {@code -} and {@code _}, such as {@code invoices-2026-11}
     */
    public BatchBuilder key(String key) {
        this.key = key;
        return this;
    }

    /** Says what the items have in common. What is left out comes from the queue's {@code httpTarget}. */
    public BatchBuilder template(Consumer<BatchTemplate> what) {
        what.accept(template);
        return this;
    }

    /**
     * Adds one delivery.
     *
     * @throws IllegalArgumentException where it can never be sent, or its key was added before
     */
    public BatchBuilder add(Consumer<BatchItem> what) {
        var item = new BatchItem();
        what.accept(item);
        String line = item.line();
        String itemKey = item.key();
        if (itemKey != null && !keys.add(itemKey)) {
            throw new IllegalArgumentException(
                    "There is an item with the key " + itemKey + " already; choose another one.");
        }
        lines.add(line);
        return this;
    }

    /** How many deliveries were added. */
    public int size() {
        return lines.size();
    }

    /** Asks for one Task when every item of a part has ended. It bears the header {@value #PART_HEADER}, so that a handler can count the parts. */
    public BatchBuilder onFinished(Consumer<BatchReport> what) {
        report = new BatchReport();
        what.accept(report);
        return this;
    }

    /** Due so long after the creation; for every item that has no time of its own. Instead of {@link #scheduleTime}. */
    public BatchBuilder delay(Duration delay) {
        spec.remove("scheduleTime");
        spec.put("delay", Durations.text(delay));
        return this;
    }

    /** Due at that time, and never earlier; for every item that has no time of its own. Instead of {@link #delay}. */
    public BatchBuilder scheduleTime(Instant time) {
        spec.remove("delay");
        spec.put("scheduleTime", time.toString());
        return this;
    }

    /** After this time no attempt starts, and the items that were not delivered fail, reason Expired. */
    public BatchBuilder expireTime(Instant time) {
        spec.put("expireTime", time.toString());
        return this;
    }

    /** When more items of a part than these have failed for good, nothing further of that part leaves; 0 to 1,000. */
    public BatchBuilder maxFailed(int count) {
        spec.put("maxFailed", count);
        return this;
    }

    /** How long the TaskBatches stay after their end, and with them the key, instead of the queue's {@code retention}. */
    public BatchBuilder ttlAfterFinished(Duration ttl) {
        spec.put("ttlAfterFinished", Durations.text(ttl));
        return this;
    }

    /** For {@code kubectl get taskbatches -l NAME=VALUE}. */
    public BatchBuilder label(String name, String value) {
        metadata.label(name, value);
        return this;
    }

    /**
     * When the owner is deleted, Kubernetes deletes the TaskBatches with it, sent or not.
     *
     * @param owner as the API server returned it, in the same namespace or in none
     * @throws IllegalArgumentException where it has no uid
     */
    public BatchBuilder owner(HasMetadata owner) {
        metadata.owner(owner);
        return this;
    }

    /**
     * Creates the TaskBatches, one after the other, or finds that they are there. If it breaks off, some of the parts may have been created: with a key,
     * the same call again creates the others. It must add the same items in the same order then.
     *
     * @return one for each part, in order
     * @throws IllegalArgumentException where there is no item, or the key is no such; nothing was created
     * @throws TaskNameTakenException where another TaskBatch has the name of a part
     * @throws KubernetesClientException as {@link TaskQueueClient#create} says
     */
    public List<Creation> create() {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(
                    "The batch has no item, and no TaskBatch is empty: add one, or do not create it.");
        }
        String name = key == null ? null : TaskNames.of(queue, key);
        List<String> parts = BatchParts.of(lines, StoredText.bytes(JsonBodies.text(spec("", "1000/1000"))));
        var created = new ArrayList<Creation>();
        for (int i = 0; i < parts.size(); i++) {
            GenericKubernetesResource object = ObjectMetadata.object(
                    "TaskBatch",
                    new ObjectMetaBuilder(metadata.of(queue, key, partName(name, i)))
                            .withNamespace(creator.namespace())
                            .build(),
                    spec(parts.get(i), (i + 1) + "/" + parts.size()));
            created.add(creator.create(object, queue, key));
        }
        return List.copyOf(created);
    }

    /** The first part has the same name whether there are others or not. */
    private static @Nullable String partName(@Nullable String name, int index) {
        return name == null || index == 0 ? name : name + "-" + (index + 1);
    }

    private Map<String, Object> spec(String part, String number) {
        var whole = new LinkedHashMap<>(spec);
        Map<String, Object> common = template.fields();
        if (!common.isEmpty()) {
            whole.put("template", common);
        }
        whole.put("lines", part);
        if (report != null) {
            report.header(PART_HEADER, number);
            whole.put("onFinished", report.fields());
        }
        return whole;
    }

    /** Without its contents: headers and bodies may be private. */
    @Override
    public String toString() {
        return "BatchBuilder[" + queue + (key == null ? "" : "/" + key) + ", " + lines.size() + " items]";
    }
}

package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The templates of the batches whose items are prepared now. A template is used for a second, so that the Secrets and ConfigMaps of a batch are read
 * once a second and not once an item. A template that is older is forgotten when the next item is prepared. Thread-safe.
 */
public final class BatchTemplates {
    private static final long USED_FOR = TimeUnit.SECONDS.toNanos(1);

    private final ApiClient api;
    private final LongSupplier nanos;
    private final MemoryBudget budget;
    private final CaBundles bundles = new CaBundles();
    /** The oldest first. */
    private final Map<BatchId, BatchTemplate> templates = new LinkedHashMap<>();

    /**
     * No templates yet.
     *
     * @param nanos monotonic nanoseconds; no other clock is used
     * @param budget about how many bytes of contents all templates together keep. What has no room is read for each item
     */
    public BatchTemplates(ApiClient api, LongSupplier nanos, long budget) {
        this.api = api;
        this.nanos = nanos;
        this.budget = new MemoryBudget(budget);
    }

    /**
     * The template of a batch, for one item.
     *
     * @param profile with which the item is prepared; after a change of the queue a new template is made
     */
    synchronized BatchTemplate of(BatchId batch, QueueProfile profile) {
        long now = nanos.getAsLong();
        forgetOld(now);
        BatchTemplate known = templates.get(batch);
        if (known != null && known.isFor(profile)) {
            return known;
        }
        if (known != null) {
            templates.remove(batch);
            known.forget();
        }
        var template = new BatchTemplate(new BatchTemplate.Sources(api, bundles, budget), profile, now + USED_FOR);
        templates.put(batch, template);
        return template;
    }

    private void forgetOld(long now) {
        Iterator<BatchTemplate> oldest = templates.values().iterator();
        while (oldest.hasNext()) {
            BatchTemplate template = oldest.next();
            if (template.usableUntil() - now > 0) {
                return;
            }
            oldest.remove();
            template.forget();
        }
    }
}

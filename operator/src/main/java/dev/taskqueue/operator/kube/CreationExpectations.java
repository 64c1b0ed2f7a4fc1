package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The objects that this process creates because of others: dead letters, and the Tasks of {@code onFinished}. If the answer to a creation is lost, the
 * object may be delivered and deleted before anybody looks for it, and would be created a second time. But the watch has shown it before it was
 * delivered. So that is noted here, as the controllers of Kubernetes do with their expectations. Thread-safe.
 */
public final class CreationExpectations {
    /** Not all are settled: the object that is their reason may be deleted. The oldest are forgotten. */
    private static final int MOST = 1_000;

    private final Map<Expected, Boolean> shown = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Expected, Boolean> eldest) {
            return size() > MOST;
        }
    };
    private volatile boolean isEmpty = true;

    /**
     * An object that is being created.
     *
     * @param because the uid of the Task or TaskBatch that is the reason; the object has it, too
     */
    public record Expected(String namespace, String name, String because) {}

    /** To be called before the request is sent. */
    public synchronized void expect(Expected object) {
        shown.putIfAbsent(object, false);
        isEmpty = false;
    }

    /** Whether the watch has shown it since it was expected. */
    public synchronized boolean isShown(Expected object) {
        return shown.getOrDefault(object, false);
    }

    /** It is known whether it was created. */
    public synchronized void settle(Expected object) {
        shown.remove(object);
        isEmpty = shown.isEmpty();
    }

    /** The watch shows an object. */
    public void show(JsonNode object) {
        if (isEmpty) {
            return;
        }
        JsonNode metadata = object.path("metadata");
        String batch = metadata.path("annotations").path(Annotations.BATCH_UID).asText();
        String because = batch.isEmpty() ? object.at("/spec/deadLetterOf/uid").asText() : batch;
        var expected = new Expected(
                metadata.path("namespace").asText(), metadata.path("name").asText(), because);
        synchronized (this) {
            shown.computeIfPresent(expected, (_, _) -> true);
        }
    }
}

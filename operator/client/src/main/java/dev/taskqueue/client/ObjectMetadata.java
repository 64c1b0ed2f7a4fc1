package dev.taskqueue.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers the name, the labels and the owners of a Task or a TaskBatch. */
final class ObjectMetadata {
    private static final int LONGEST_PREFIX = 50;

    private final Map<String, String> labels = new LinkedHashMap<>();
    private final List<OwnerReference> owners = new ArrayList<>();

    void label(String name, String value) {
        labels.put(name, value);
    }

    /** @throws IllegalArgumentException where the owner has no uid */
    void owner(HasMetadata owner) {
        if (owner.getMetadata().getUid() == null) {
            throw new IllegalArgumentException("The owner " + owner.getKind() + " "
                    + owner.getMetadata().getName() + " has no uid: give it as the API server returned it.");
        }
        owners.add(new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .build());
    }

    /**
     * The metadata of one object.
     *
     * @param key the producer's, kept in an annotation
     * @param name null = the API server chooses one that begins with the queue's
     */
    ObjectMeta of(String queue, @Nullable String key, @Nullable String name) {
        var metadata = new ObjectMetaBuilder().withLabels(labels).withOwnerReferences(owners);
        return name == null
                ? metadata.withGenerateName(queue.substring(0, Math.min(LONGEST_PREFIX, queue.length())) + "-")
                        .build()
                : metadata.withName(name)
                        .addToAnnotations(TaskQueueClient.KEY_ANNOTATION, key)
                        .build();
    }

    static GenericKubernetesResource object(String kind, ObjectMeta metadata, Map<String, Object> spec) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("taskqueue.dev/v1beta1");
        object.setKind(kind);
        object.setMetadata(metadata);
        object.setAdditionalProperty("spec", spec);
        return object;
    }
}

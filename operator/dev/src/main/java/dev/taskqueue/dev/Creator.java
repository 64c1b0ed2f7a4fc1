package dev.taskqueue.dev;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.ApiGroup;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Set;

/** Creates objects as {@code kubectl create} does: exactly as the manifest has them, and the API server refuses fields that it does not know. */
public final class Creator {
    private static final Map<String, String> PLURALS = Map.of(
            "v1/ConfigMap",
            "configmaps",
            "v1/Secret",
            "secrets",
            "v1/Service",
            "services",
            "v1/ServiceAccount",
            "serviceaccounts",
            "discovery.k8s.io/v1/EndpointSlice",
            "endpointslices",
            ApiGroup.API_VERSION + "/Task",
            "tasks",
            ApiGroup.API_VERSION + "/TaskBatch",
            "taskbatches",
            ApiGroup.API_VERSION + "/TaskQueue",
            "taskqueues");

    private static final Set<String> MAY_EXIST =
            Set.of("v1/ConfigMap", "v1/Secret", "v1/ServiceAccount", ApiGroup.API_VERSION + "/TaskBatch");

    private final KubernetesClient client;

    /** The result of creating one object. */
    public enum Result {
        CREATED,
        /** An object of this name existed before. */
        EXISTS,
        /** The object was not created: only a cluster can run it, or it is of no use here. */
        LEFT_OUT
    }

    /** @param client stays the caller's */
    public Creator(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Creates the object in its namespace.
     *
     * @throws IllegalArgumentException with a sentence for the user, if the API server refuses it for another reason than its name
     */
    public Result create(Manifest manifest) {
        String kind = manifest.apiVersion() + "/" + manifest.kind();
        String plural = PLURALS.get(kind);
        if (plural == null) {
            return Result.LEFT_OUT;
        }
        String root = manifest.apiVersion().contains("/") ? "/apis/" : "/api/";
        ObjectNode object = manifest.object();
        object.withObject("/metadata").put("namespace", manifest.namespace());
        try {
            client.raw(
                    root + manifest.apiVersion() + "/namespaces/" + manifest.namespace() + "/" + plural
                            + "?fieldValidation=Strict",
                    "POST",
                    object.toString());
            return Result.CREATED;
        } catch (KubernetesClientException refusal) {
            if (refusal.getCode() == HttpURLConnection.HTTP_CONFLICT
                    && (manifest.isTask() || MAY_EXIST.contains(kind))) {
                return Result.EXISTS;
            }
            throw new IllegalArgumentException(
                    manifest.kind() + " " + manifest.name() + " is refused: " + sentence(refusal), refusal);
        }
    }

    private static String sentence(KubernetesClientException refusal) {
        return refusal.getStatus() != null && refusal.getStatus().getMessage() != null
                ? refusal.getStatus().getMessage()
                : String.valueOf(refusal.getMessage());
    }
}

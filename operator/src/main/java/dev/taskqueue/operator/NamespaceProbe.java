package dev.taskqueue.operator;

import dev.taskqueue.operator.api.ApiGroup;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of namespaces in the settings that do not exist: a typing error would look like a namespace without queues. The operator has no right to read
 * namespaces. So it tries, without storing anything, to create a Task that the schema refuses: the API server looks at the namespace first.
 */
final class NamespaceProbe {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceProbe.class);
    private static final String TASK =
            "{\"apiVersion\":\"" + ApiGroup.API_VERSION + "\",\"kind\":\"Task\",\"metadata\":{\"name\":\"probe\"}}";

    private final KubernetesClient client;

    /** @param client must not repeat requests by itself */
    NamespaceProbe(KubernetesClient client) {
        this.client = client;
    }

    /** Asks the API server once for each of these namespaces. */
    void warnOfMissing(Collection<String> namespaces) {
        namespaces.stream()
                .filter(this::isMissing)
                .forEach(name -> LOG.warn(
                        "There is no namespace {}, but TASKQUEUE_NAMESPACES (the chart's watchNamespaces) names it. Its queues and Tasks are served once it exists",
                        name));
    }

    /** Whether the API server says that there is no such namespace. Any other answer says nothing about it. */
    private boolean isMissing(String namespace) {
        try {
            client.raw(
                    "/apis/" + ApiGroup.API_VERSION + "/namespaces/" + namespace + "/tasks?dryRun=All", "POST", TASK);
            return false;
        } catch (KubernetesClientException answer) {
            return answer.getStatus() != null
                    && answer.getStatus().getDetails() != null
                    && "namespaces".equals(answer.getStatus().getDetails().getKind());
        }
    }
}

package dev.taskqueue.operator.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The labels that an object of the operator's takes over from the Task or TaskBatch for which it is created: all of them, since policies, quotas and people
 * select by labels. Left out are the labels by which Helm, Flux, Argo CD, Fleet, kapp and {@code kubectl apply --prune} find their objects: with one of
 * those, a tool would take a dead letter for an object of its own, and would delete it.
 */
public final class InheritedLabels {
    /** Argo CD tracks by {@code app.kubernetes.io/instance} if it is not set to annotations. Helm and others write both. */
    private static final Set<String> TRACKING =
            Set.of("app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "cli-utils.sigs.k8s.io/inventory-id");

    private static final List<String> TRACKING_DOMAINS = List.of(
            "toolkit.fluxcd.io",
            "argocd.argoproj.io",
            "meta.helm.sh",
            "helm.sh",
            "applyset.kubernetes.io",
            "fleet.cattle.io",
            "objectset.rio.cattle.io",
            "kapp.k14s.io");

    private InheritedLabels() {}

    public static Map<String, String> of(JsonNode object) {
        var labels = new TreeMap<String, String>();
        for (var label : object.path("metadata").path("labels").properties()) {
            if (!isTracking(label.getKey())) {
                labels.put(label.getKey(), label.getValue().asText());
            }
        }
        return labels;
    }

    private static boolean isTracking(String key) {
        int slash = key.indexOf('/');
        if (slash < 0) {
            return false;
        }
        String domain = key.substring(0, slash);
        return TRACKING.contains(key)
                || TRACKING_DOMAINS.stream().anyMatch(own -> domain.equals(own) || domain.endsWith("." + own));
    }
}

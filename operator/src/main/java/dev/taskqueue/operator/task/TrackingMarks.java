package dev.taskqueue.operator.task;

import com.fasterxml.jackson.databind.JsonNode;

/** The marks that Argo CD, Helm, kubectl apply, Flux and server-side apply leave on objects that they would create again. */
public final class TrackingMarks {
    private static final String OURS = "taskqueue-operator";

    private TrackingMarks() {}

    /** Whether the metadata of an object has one. */
    public static boolean areOn(JsonNode metadata) {
        JsonNode annotations = metadata.path("annotations");
        if (annotations.has("argocd.argoproj.io/tracking-id")
                || annotations.has("meta.helm.sh/release-name")
                || annotations.has("kubectl.kubernetes.io/last-applied-configuration")) {
            return true;
        }
        for (var label : metadata.path("labels").properties()) {
            if (label.getKey().endsWith(".toolkit.fluxcd.io/name")) {
                return true;
            }
        }
        for (JsonNode entry : metadata.path("managedFields")) {
            if (entry.path("operation").asText().equals("Apply")
                    && !entry.path("manager").asText().startsWith(OURS)) {
                return true;
            }
        }
        return false;
    }
}

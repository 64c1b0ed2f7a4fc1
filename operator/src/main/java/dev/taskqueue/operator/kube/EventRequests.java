package dev.taskqueue.operator.kube;

import java.io.IOException;

/** Writes Events of {@code events.k8s.io/v1}. */
public final class EventRequests implements EventWriter {
    private static final String GROUP = "apis/events.k8s.io/v1/namespaces/";

    private final ApiClient api;

    public EventRequests(ApiClient api) {
        this.api = api;
    }

    @Override
    public int create(String namespace, String event) throws IOException {
        return api.write("POST", GROUP + namespace + "/events", ApiRequest.JSON, event)
                .code();
    }

    @Override
    public int patch(String namespace, String name, String patch) throws IOException {
        return api.write("PATCH", GROUP + namespace + "/events/" + name, ApiRequest.MERGE_PATCH, patch)
                .code();
    }
}

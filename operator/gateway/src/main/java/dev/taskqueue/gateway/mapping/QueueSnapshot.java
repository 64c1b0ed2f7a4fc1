package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.AppEngineRouting;
import org.jspecify.annotations.Nullable;

/**
 * What creating a Task needs to know of its queue; small, because it is kept for every queue.
 *
 * @param object the name of the TaskQueue
 * @param id the queue's id as its creator spells it
 * @param appEngine whether handlers get the headers of App Engine
 * @param ownsTarget whether the queue decides about the Service, whatever a Task says
 * @param routingOverride as JSON; null if the queue has none
 */
public record QueueSnapshot(
        String object,
        String id,
        boolean appEngine,
        boolean ownsTarget,
        @Nullable String routingOverride) {
    private static final String FAMILY = "AppEngine";
    private static final String ALWAYS = "Always";

    /** Reads a TaskQueue. */
    public static QueueSnapshot of(JsonNode queue) {
        String name = ObjectJson.text(queue.path("metadata"), "name");
        String id = ObjectJson.annotation(queue, GatewayAnnotations.QUEUE_ID);
        JsonNode spec = queue.path("spec");
        boolean appEngine = false;
        for (JsonNode family : spec.path("headerFamilies")) {
            appEngine |= family.asText().equals(FAMILY);
        }
        JsonNode target = spec.path("httpTarget");
        return new QueueSnapshot(
                name,
                id != null && id.equalsIgnoreCase(name) ? id : name,
                appEngine,
                ObjectJson.text(target, "mode").equals(ALWAYS) && target.has("serviceRef"),
                ObjectJson.annotation(queue, GatewayAnnotations.ROUTING_OVERRIDE));
    }

    AppEngineRouting routing(AppEngineRouting given) {
        return ObjectJson.message(routingOverride, AppEngineRouting.newBuilder())
                .map(AppEngineRouting.Builder::build)
                .orElse(given);
    }
}

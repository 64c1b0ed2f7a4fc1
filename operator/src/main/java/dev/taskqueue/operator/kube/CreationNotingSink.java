package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Tells the expectations what the watch shows, before the sink gets it.
 *
 * @param sink gets every event
 */
public record CreationNotingSink(CreationExpectations creations, ObjectReflector.Sink sink)
        implements ObjectReflector.Sink {
    @Override
    public void seen(JsonNode object, int listing) {
        creations.show(object);
        sink.seen(object, listing);
    }

    @Override
    public void deleted(JsonNode object) {
        sink.deleted(object);
    }

    @Override
    public void listed(String namespace, int listing) {
        sink.listed(namespace, listing);
    }
}

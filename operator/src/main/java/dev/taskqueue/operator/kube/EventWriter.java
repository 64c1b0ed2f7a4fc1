package dev.taskqueue.operator.kube;

import java.io.IOException;

/** Port: writes Events to the API server. Nothing is repeated. */
public interface EventWriter {
    /**
     * Creates an Event.
     *
     * @param event the object as JSON
     * @return the status code of the answer
     */
    int create(String namespace, String event) throws IOException;

    /**
     * Changes an Event.
     *
     * @param patch a JSON merge patch
     * @return the status code of the answer
     */
    int patch(String namespace, String name, String patch) throws IOException;
}

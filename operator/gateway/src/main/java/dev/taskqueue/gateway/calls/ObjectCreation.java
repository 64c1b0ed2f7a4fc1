package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.mapping.GatewayAnnotations;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.time.InstantSource;

/** Creates an object, repeats that while nobody knows whether it was done, and knows its own object by an annotation. */
final class ObjectCreation {
    private static final int MOST_CONFLICTS = 3;

    private final ClusterClient api;
    private final InstantSource clock;

    ObjectCreation(ClusterClient api, InstantSource clock) {
        this.api = api;
        this.clock = clock;
    }

    /** What has become of it. */
    sealed interface Outcome {
        /** It is there. */
        record Created(JsonNode object) implements Outcome {}

        /** Another object has the name. */
        record NameTaken() implements Outcome {}

        /** Something else was changed at the same moment, such as a quota, again and again. */
        record Conflict() implements Outcome {}

        /**
         * The API server refuses it.
         *
         * @param unsure whether an earlier request may have been done all the same
         */
        record Refused(ClusterReply reply, boolean unsure) implements Outcome {}
    }

    /**
     * Creates the object.
     *
     * @param collection the path of its collection
     * @param object with the annotation {@link GatewayAnnotations#REQUEST}, which no other object has
     * @param isNameRandom whether nobody else can have chosen its name
     */
    Outcome create(CallContext call, String collection, ObjectNode object, boolean isNameRandom) {
        boolean unsure = false;
        for (int i = 0; i < MOST_CONFLICTS; i++) {
            ClusterClient.Answer answer = api.createRepeating(call, collection + "?fieldValidation=Strict", object);
            unsure |= answer.repeated();
            ClusterReply reply = answer.reply();
            if (reply.isOk()) {
                return new Outcome.Created(reply.body());
            }
            if (reply.code() != 409) {
                return new Outcome.Refused(reply, unsure);
            }
            if (!reply.reason().equals("Conflict")) {
                return unsure ? own(call, collection, object, isNameRandom) : new Outcome.NameTaken();
            }
            // The same object is sent again: an earlier request may have been done, and another name would make a
            // second one.
        }
        return new Outcome.Conflict();
    }

    /** After a repeat the object that is there may be the own one. */
    private Outcome own(CallContext call, String collection, ObjectNode object, boolean isNameRandom) {
        String name = ObjectJson.text(object.path("metadata"), "name");
        ClusterReply there = api.get(call, collection + "/" + name);
        String request = ObjectJson.annotation(object, GatewayAnnotations.REQUEST);
        if (there.isOk()
                && request != null
                && request.equals(ObjectJson.annotation(there.body(), GatewayAnnotations.REQUEST))) {
            return new Outcome.Created(there.body());
        }
        if ((there.code() == 403 || there.code() == 404) && isNameRandom) {
            // Nobody else has this name, so it is the own object: its caller may not read it, or it is delivered and
            // deleted already.
            object.withObjectProperty("metadata")
                    .put("creationTimestamp", clock.instant().toString());
            return new Outcome.Created(object);
        }
        return new Outcome.NameTaken();
    }
}

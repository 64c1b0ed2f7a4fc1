package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * One object that is created.
 *
 * @param index which of the seed's specs this is
 * @param changes what was made wrong or odd: paths of fields, with the kind of change; empty where all of it should be valid
 * @param manifest the object; the batch gives it a name where it has none
 * @param later a merge patch that is sent once the object is settled; empty for none
 * @param strict whether the API server is asked to refuse unknown fields
 */
record FuzzSpec(int index, List<String> changes, ObjectNode manifest, ObjectNode later, boolean strict) {
    String kind() {
        return manifest.path("kind").asText();
    }

    FuzzSpec with(ObjectNode otherManifest, ObjectNode otherLater) {
        return new FuzzSpec(index, changes, otherManifest, otherLater, strict);
    }
}

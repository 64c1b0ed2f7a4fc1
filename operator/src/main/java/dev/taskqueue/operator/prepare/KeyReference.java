package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.Obstacle;

/**
 * One key of a Secret or ConfigMap, and what stands in the way of using it, in sentences that never hold its content.
 *
 * @param kind {@link Obstacle.Kind#Secret} or {@link Obstacle.Kind#ConfigMap}
 */
record KeyReference(Obstacle.Kind kind, String namespace, String name, String key) {

    /** As the API's paths and roles call it. */
    String plural() {
        return kind == Obstacle.Kind.Secret ? "secrets" : "configmaps";
    }

    Obstacle missing() {
        return obstacle(
                Obstacle.Reason.SourceNotFound, "%s does not exist: create it with the key %s.".formatted(this, key));
    }

    Obstacle withoutKey() {
        return obstacle(Obstacle.Reason.SourceNotFound, "%s has no key %s: add the key.".formatted(this, key));
    }

    Obstacle forbidden() {
        return obstacle(
                Obstacle.Reason.SourceNotFound,
                "%s, whose key %s is needed, is not open to the operator: grant it the verb get on %s with resourceNames [%s] in namespace %s."
                        .formatted(this, key, plural(), name, namespace));
    }

    /**
     * The API server failed to hand it out.
     *
     * @param what such as {@code HTTP 503}; differs from look to look
     */
    Obstacle unreadable(String what) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, namespace, plural() + "/" + name, key),
                "%s with the key %s could not be read (%s): it is tried again.".formatted(this, key, what));
    }

    /** @param objection one sentence, without its first words, which name the key and the object */
    Obstacle unusable(Obstacle.Reason reason, String objection) {
        return obstacle(reason, "Key %s of %s %s".formatted(key, this, objection));
    }

    private Obstacle obstacle(Obstacle.Reason reason, String message) {
        return new Obstacle(reason, new Obstacle.Subject(kind, namespace, name, key), message);
    }

    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}

package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.domain.Obstacle;

/**
 * A key of a Secret or ConfigMap. It makes the obstacles for a key that cannot be used; their messages never contain its content.
 *
 * @param kind {@link Obstacle.Kind#Secret} or {@link Obstacle.Kind#ConfigMap}
 */
record KeyReference(Obstacle.Kind kind, String namespace, String name, String key) {

    /** The resource name in paths and roles of the API. */
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
     * The obstacle of an object that the API server failed to return.
     *
     * @param what such as {@code HTTP 503}; it may differ from attempt to attempt
     */
    Obstacle unreadable(String what) {
        return new Obstacle(
                Obstacle.Reason.ApiServerUnavailable,
                new Obstacle.Subject(Obstacle.Kind.ApiServer, namespace, plural() + "/" + name, key),
                "%s with the key %s could not be read (%s): it is tried again.".formatted(this, key, what));
    }

    /** @param objection a sentence without its subject, which is the key and the object */
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

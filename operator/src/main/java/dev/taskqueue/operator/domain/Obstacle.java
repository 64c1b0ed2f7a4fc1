package dev.taskqueue.operator.domain;

/**
 * What keeps a due Task from being sent, by itself curable. It costs no attempt.
 *
 * @param reason in the API's words
 * @param subject what must change
 * @param message one sentence that names the object and says what to change
 */
public record Obstacle(Reason reason, Subject subject, String message) {

    /** The closed list of waiting reasons; the names are the API's own. */
    public enum Reason {
        /** The Task's queue does not exist. */
        QueueNotFound,
        /** No such Service or port, or neither Task nor queue names a target. */
        TargetNotFound,
        /** A target that must not be called. */
        TargetRefused,
        /** No such Secret, ConfigMap or key. */
        SourceNotFound,
        /** The token is not to be had: no such ServiceAccount, or no permission. */
        TokenNotPermitted,
        /** The Task asks for more than a setting of the operator allows. */
        LimitExceeded,
        /** The spec asks for something that this version cannot do. */
        NotSupportedYet,
        /** Nothing behind the Service is ready; the spec itself is accepted. */
        NoReadyEndpoint,
        /** The API server does not answer, or answers with an error of its own. */
        ApiServerUnavailable
    }

    /** An object that an obstacle hangs on. */
    public record Subject(Kind kind, String namespace, String name) {}

    /** How the operator learns that a subject has changed. */
    public enum Kind {
        /** Watched: its change wakes who waits for it. Its EndpointSlices count as the Service. */
        Service(true),
        /** Watched. */
        TaskQueue(true),
        /** An operator's setting changes by a restart only. */
        Setting(true),
        /** The API server itself, or anything of it that this Task alone needs. */
        ApiServer(false),
        ServiceAccount(false),
        Secret(false),
        ConfigMap(false);

        private final boolean watched;

        Kind(boolean watched) {
            this.watched = watched;
        }

        /** Where this is false, one waiting Task tries again from time to time. */
        public boolean isWatched() {
            return watched;
        }
    }
}

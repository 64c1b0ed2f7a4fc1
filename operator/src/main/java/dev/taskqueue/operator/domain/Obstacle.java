package dev.taskqueue.operator.domain;

/**
 * Something that keeps a due Task from being sent and that can change. It costs no attempt.
 *
 * @param reason in the API's words
 * @param subject what must change
 * @param message one sentence that names the object and says what to change
 */
public record Obstacle(Reason reason, Subject subject, String message) {

    /** A Task's queue is missing. */
    public static Obstacle noQueue(QueueId queue) {
        return new Obstacle(
                Reason.QueueNotFound,
                new Subject(Kind.TaskQueue, queue.namespace(), queue.name()),
                "TaskQueue " + queue + " does not exist: create it, and sending begins.");
    }

    /** The same obstacle with one more sentence. */
    public Obstacle with(String sentence) {
        return new Obstacle(reason, subject, message + " " + sentence);
    }

    /** The closed list of waiting reasons; the names are the API's own. */
    public enum Reason {
        /** The Task's queue does not exist. */
        QueueNotFound,
        /** There is no such Service or port, or neither the Task nor its queue names a target. */
        TargetNotFound,
        /** A target that must not be called. */
        TargetRefused,
        /** There is no such Secret, ConfigMap or key, or its content is not valid for its purpose. */
        SourceNotFound,
        /** The operator gets no token: there is no such ServiceAccount, or no permission. */
        TokenNotPermitted,
        /** The Task asks for more than a setting of the operator, or a bound on requests, allows. */
        LimitExceeded,
        /** No endpoint of the Service is ready; the spec itself is accepted. */
        NoReadyEndpoint,
        /** The API server does not answer, or answers with an error of its own. */
        ApiServerUnavailable,
        /** The API server refuses to write the outcome of a Task: because of a policy, a webhook or a missing permission. */
        WriteRefused
    }

    /**
     * Whether both have the same cause, so that one Task as a probe answers for the others. Obstacles with different messages have different causes.
     * The failures of the API server are an exception: their messages change from one request to the next.
     */
    public boolean hasSameCauseAs(Obstacle other) {
        return cause().equals(other.cause());
    }

    /** The cause, as a key for maps: equal for all obstacles with the same cause. */
    public Object cause() {
        return subject.kind() == Kind.ApiServer ? new Failure(reason, subject) : this;
    }

    private record Failure(Reason reason, Subject subject) {}

    /**
     * The object that must change, and the part of it that the Task needs.
     *
     * @param part such as a port, a key or an audience; empty if the Task needs no particular part
     */
    public record Subject(Kind kind, String namespace, String name, String part) {
        /** The whole object. */
        public Subject(Kind kind, String namespace, String name) {
            this(kind, namespace, name, "");
        }

        /** The object alone. */
        public Subject object() {
            return part.isEmpty() ? this : new Subject(kind, namespace, name);
        }
    }

    /** The kind of object that must change. It says how the operator detects a change. */
    public enum Kind {
        /** Includes its EndpointSlices. */
        Service(Detection.WATCHED),
        TaskQueue(Detection.WATCHED),
        /** A setting of the operator. It changes only with a restart. */
        Setting(Detection.NEVER),
        /** The API server itself, or something of it that only this Task needs. */
        ApiServer(Detection.PROBED),
        ServiceAccount(Detection.PROBED),
        Secret(Detection.PROBED),
        ConfigMap(Detection.PROBED);

        private final Detection detection;

        Kind(Detection detection) {
            this.detection = detection;
        }

        public Detection detection() {
            return detection;
        }
    }

    /** How the operator detects that an object has changed. */
    public enum Detection {
        /** By a watch. */
        WATCHED,
        /** By trying again from time to time. */
        PROBED,
        /** Not while this process lives. */
        NEVER
    }
}

package dev.taskqueue.operator.domain;

/**
 * What keeps a due Task from being sent, by itself curable. It costs no attempt.
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
                "TaskQueue " + queue + " does not exist: create it, and the Task goes by itself.");
    }

    /** The closed list of waiting reasons; the names are the API's own. */
    public enum Reason {
        /** The Task's queue does not exist. */
        QueueNotFound,
        /** No such Service or port, or neither Task nor queue names a target. */
        TargetNotFound,
        /** A target that must not be called. */
        TargetRefused,
        /** No such Secret, ConfigMap or key, or what it holds cannot be what it is wanted for. */
        SourceNotFound,
        /** The token is not to be had: no such ServiceAccount, or no permission. */
        TokenNotPermitted,
        /** The Task asks for more than a setting of the operator, or a bound on requests, allows. */
        LimitExceeded,
        /** Nothing behind the Service is ready; the spec itself is accepted. */
        NoReadyEndpoint,
        /** The API server does not answer, or answers with an error of its own. */
        ApiServerUnavailable,
        /** The API server refuses to write what came of a Task: a policy, a webhook or a missing permission. */
        WriteRefused
    }

    /**
     * Whether both stand for one cause, so that a look on behalf of one Task tells the others what they want to know. Causes with different
     * sentences are different ones. Only the API server's own failures change their words from look to look.
     */
    public boolean hasSameCauseAs(Obstacle other) {
        return cause().equals(other.cause());
    }

    /** What all obstacles with the same cause have in common: the same key in a map. */
    public Object cause() {
        return subject.kind() == Kind.ApiServer ? new Failure(reason, subject) : this;
    }

    private record Failure(Reason reason, Subject subject) {}

    /**
     * What an obstacle hangs on: an object, and the part of it that the Task itself needs.
     *
     * @param part such as a port, a key or an audience; empty where the Task needs no particular part
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

    /** What kind of thing must change, and how the operator learns of it. */
    public enum Kind {
        /** Its EndpointSlices count as the Service. */
        Service(Detection.WATCHED),
        TaskQueue(Detection.WATCHED),
        /** A setting of the operator: it changes by a restart only. */
        Setting(Detection.NEVER),
        /** The API server itself, or anything of it that this Task alone needs. */
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

    /** How a change becomes known. */
    public enum Detection {
        /** By a watch. */
        WATCHED,
        /** By trying again from time to time. */
        PROBED,
        /** Not while this process lives. */
        NEVER
    }
}

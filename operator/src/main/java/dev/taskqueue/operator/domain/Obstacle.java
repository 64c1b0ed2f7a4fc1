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

    /** An object that an obstacle hangs on. */
    public record Subject(Kind kind, String namespace, String name) {}

    /** What kind of thing must change, and how the operator learns of it. */
    public enum Kind {
        /** Its EndpointSlices count as the Service. */
        Service(News.WATCHED),
        TaskQueue(News.WATCHED),
        /** A setting of the operator: it changes by a restart only. */
        Setting(News.NEVER),
        /** The API server itself, or anything of it that this Task alone needs. */
        ApiServer(News.PROBED),
        ServiceAccount(News.PROBED),
        Secret(News.PROBED),
        ConfigMap(News.PROBED);

        private final News news;

        Kind(News news) {
            this.news = news;
        }

        public News news() {
            return news;
        }
    }

    /** How a change becomes known. */
    public enum News {
        /** By a watch. */
        WATCHED,
        /** By trying again from time to time. */
        PROBED,
        /** Not while this process lives. */
        NEVER
    }
}

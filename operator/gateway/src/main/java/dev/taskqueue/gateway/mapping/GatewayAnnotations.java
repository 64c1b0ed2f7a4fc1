package dev.taskqueue.gateway.mapping;

/** The annotations that the gateway writes and reads. */
public final class GatewayAnnotations {
    /** On a Task: the producer's own name for it; the operator sends it in headers. */
    public static final String KEY = "taskqueue.dev/key";
    /** On a Task: any new value sends it at once. On a TaskBatch, a value that begins with indexes sends these items. */
    public static final String RUN_NOW = "taskqueue.dev/run-now";
    /** On a TaskBatch: nothing further of it is sent. */
    public static final String CANCEL = "taskqueue.dev/cancel";
    /** On a TaskQueue: why it is held. */
    public static final String HOLD = "taskqueue.dev/hold";

    /** On a Task or TaskBatch: the request that created it, so that a repeat of the same request knows its own work. */
    public static final String REQUEST = "gateway.taskqueue.dev/request";
    /** On a Task: the url that the producer gave. */
    public static final String URL = "gateway.taskqueue.dev/url";
    /** On a TaskBatch: what the urls that the producers gave have before the paths of its items. */
    public static final String URL_PREFIX = "gateway.taskqueue.dev/url-prefix";
    /** On a Task or TaskBatch: the email of the OIDC token that the producer gave. */
    public static final String OIDC_EMAIL = "gateway.taskqueue.dev/oidc-email";
    /** On a Task or TaskBatch for App Engine: the routing that the producer gave, as JSON. */
    public static final String APP_ENGINE = "gateway.taskqueue.dev/app-engine";
    /** On a TaskQueue: its id as its creator spells it, where that has capitals. */
    public static final String QUEUE_ID = "gateway.taskqueue.dev/queue-id";
    /** On a TaskQueue: the routing of {@code app_engine_routing_override}, as JSON. */
    public static final String ROUTING_OVERRIDE = "gateway.taskqueue.dev/app-engine-routing-override";
    /** On a TaskQueue: {@code stackdriver_logging_config}, as JSON; it has no effect. */
    public static final String LOGGING = "gateway.taskqueue.dev/stackdriver-logging-config";

    private GatewayAnnotations() {}
}

package dev.taskqueue.operator.api;

/** The group and the version of the custom resources. */
public final class ApiGroup {
    public static final String NAME = "taskqueue.dev";

    public static final String VERSION = "v1beta1";

    /** As {@code apiVersion} of an object names it, and the path of a request. */
    public static final String API_VERSION = NAME + "/" + VERSION;

    private ApiGroup() {}
}

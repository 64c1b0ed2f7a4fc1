package dev.taskqueue.gateway.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/** The paths of our objects in the API server. */
public final class ClusterPaths {
    private static final String API = "/apis/taskqueue.dev/v1beta1";

    private ClusterPaths() {}

    /** All Tasks of a namespace. */
    public static String tasks(String namespace) {
        return API + "/namespaces/" + namespace + "/tasks";
    }

    /** One Task. */
    public static String task(String namespace, String name) {
        return tasks(namespace) + "/" + name;
    }

    /** All TaskBatches of a namespace. */
    public static String batches(String namespace) {
        return API + "/namespaces/" + namespace + "/taskbatches";
    }

    /** One TaskBatch. */
    public static String batch(String namespace, String name) {
        return batches(namespace) + "/" + name;
    }

    /** All TaskQueues of a namespace, or of the cluster. */
    public static String queues(@Nullable String namespace) {
        return namespace == null ? API + "/taskqueues" : API + "/namespaces/" + namespace + "/taskqueues";
    }

    /** One TaskQueue. */
    public static String queue(String namespace, String name) {
        return queues(namespace) + "/" + name;
    }

    /** A parameter of a query. */
    public static String parameter(String name, String value) {
        return name + "=" + URLEncoder.encode(value, UTF_8);
    }
}

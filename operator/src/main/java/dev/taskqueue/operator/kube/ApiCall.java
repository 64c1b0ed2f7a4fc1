package dev.taskqueue.operator.kube;

import java.util.List;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * What a request asks of the API server, as its audit log would say it.
 *
 * @param verb as in RBAC
 * @param resource the plural name without a subresource; {@code other} for everything that the operator does not need for its work
 */
record ApiCall(String verb, String resource) {
    static final String WATCH = "watch";
    private static final String OTHER = "other";

    private static final Set<String> RESOURCES = Set.of(
            "tasks",
            "taskbatches",
            "taskqueues",
            "services",
            "endpointslices",
            "serviceaccounts",
            "secrets",
            "configmaps",
            "leases",
            "namespaces",
            "events");

    static ApiCall of(Request request) {
        HttpUrl url = request.url();
        List<String> path = url.pathSegments();
        // The address of the API server may have a path of its own in front.
        int group = path.indexOf("apis");
        int at = group >= 0 ? group + 3 : path.indexOf("api") + 2;
        if (at < 2 || at >= path.size()) {
            return new ApiCall(verb(request.method(), url, true), OTHER);
        }
        if (path.get(at).equals("namespaces") && at + 2 < path.size()) {
            at += 2;
        }
        String resource = path.get(at);
        return new ApiCall(
                verb(request.method(), url, at + 1 < path.size()), RESOURCES.contains(resource) ? resource : OTHER);
    }

    private static String verb(String method, HttpUrl url, boolean isNamed) {
        return switch (method) {
            case "GET" -> isWatch(url) ? WATCH : isNamed ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> OTHER;
        };
    }

    private static boolean isWatch(HttpUrl url) {
        String watch = url.queryParameter(WATCH);
        return "true".equals(watch) || "1".equals(watch);
    }
}

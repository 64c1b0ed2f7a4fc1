package dev.taskqueue.operator.domain;

/** Says for people how the API server answered a request of the operator, and what to do about it. */
public final class ApiAnswerText {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final String OURS = ".taskqueue.dev";

    private ApiAnswerText() {}

    /**
     * A clause such as {@code the API server answered 403 to list tasks.taskqueue.dev}, with what to do if somebody has to act.
     *
     * @param code 0 or less if no answer came
     * @param verb as in a Role
     * @param resource as in {@code kubectl auth can-i}: {@code tasks.taskqueue.dev}
     * @param namespace empty = all
     */
    public static String of(int code, String verb, String resource, String namespace) {
        if (code <= 0) {
            return "the API server could not be reached";
        }
        String remedy = remedy(code, verb, resource, namespace);
        return "the API server answers " + code + " to " + verb + " " + resource
                + (remedy.isEmpty() ? "" : "; " + remedy);
    }

    private static String remedy(int code, String verb, String resource, String namespace) {
        return switch (code) {
            case UNAUTHORIZED -> unauthorized();
            case FORBIDDEN -> forbidden(verb, resource, namespace);
            case NOT_FOUND -> resource.endsWith(OURS) ? missingCrd(resource) : "";
            default -> "";
        };
    }

    /** The remedy of a 401. */
    public static String unauthorized() {
        return "it does not accept the operator's token: if the operator's ServiceAccount was deleted, create it again, and restart the operator's Pods";
    }

    /** The remedy of a 403: which right is missing, and where the chart grants it. */
    public static String forbidden(String verb, String resource, String namespace) {
        return "grant the operator's ServiceAccount " + verb + " on " + resource + " in "
                + (namespace.isEmpty()
                        ? "all namespaces; the chart does so by the operator's ClusterRole and ClusterRoleBinding"
                        : "namespace " + namespace
                                + "; the chart does so by the operator's ClusterRole, or with watchNamespaces by its Role there, and their bindings");
    }

    /** The remedy for a CRD that is missing. */
    public static String missingCrd(String crds) {
        return "install " + crds
                + ": with the plain manifests by kubectl apply -f charts/manifests/crds.yaml, with Helm by helm upgrade with crds.enabled=true";
    }
}

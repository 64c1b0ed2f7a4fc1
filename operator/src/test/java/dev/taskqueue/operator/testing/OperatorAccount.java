package dev.taskqueue.operator.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The account of an operator in a test: a ServiceAccount with exactly the rights that the chart gives it. It reads from the API server's audit log
 * which of them were used, and which requests were denied. Safe for use by several threads.
 */
public final class OperatorAccount implements AuditLog.Follower {
    /** The name that the chart gives the account, its roles and its lease if the release has the chart's name. */
    public static final String NAME = "taskqueue";

    /** The only ServiceAccount that {@link #install} lists under {@code serviceAccountTokens.allowed}. */
    public static final String CALLER = "caller";
    /** The only Secret and the only ConfigMap that it lists under {@code secretAccess.allowed}. */
    public static final String SOURCES = "sources";

    /**
     * The objects that the chart adds for {@link #CALLER} and {@link #SOURCES}; a test compares them. NAMESPACE is replaced with the name of the
     * namespace.
     */
    private static final String LISTED = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: taskqueue-tokens, namespace: NAMESPACE}
            rules:
            - {apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [caller], verbs: [create]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: taskqueue-tokens, namespace: NAMESPACE}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: taskqueue-tokens}
            subjects: [{kind: ServiceAccount, name: taskqueue, namespace: NAMESPACE}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: taskqueue-sources, namespace: NAMESPACE}
            rules:
            - {apiGroups: [""], resources: [secrets], resourceNames: [sources], verbs: [get]}
            - {apiGroups: [""], resources: [configmaps], resourceNames: [sources], verbs: [get]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: taskqueue-sources, namespace: NAMESPACE}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: taskqueue-sources}
            subjects: [{kind: ServiceAccount, name: taskqueue, namespace: NAMESPACE}]
            """;

    /** The request that every account of a cluster may send without a role of ours: whether our kinds are served. */
    private static final Set<String> FREE = Set.of("ClusterRole system:discovery: get /apis/taskqueue.dev/v1beta1");

    private static final Pattern ALLOWED_BY = Pattern.compile(
            "RBAC: allowed by (?:Cluster)?RoleBinding \"[^\"/]+(?:/(?<namespace>[^\"]+))?\" of (?<role>(?:Cluster)?Role) \"(?<name>[^\"]+)\" .*");

    private static final ConcurrentLinkedQueue<OperatorAccount> ALL = new ConcurrentLinkedQueue<>();

    private final ControlPlane plane;
    private final String namespace;
    private final String test = SuiteRun.current();
    private final NavigableSet<Permission> granted;
    private final NavigableSet<Permission> withheld = new TreeSet<>();
    private final NavigableSet<Permission> used = new TreeSet<>();
    private final NavigableSet<String> faults = new TreeSet<>();
    private final Map<String, Long> requests = new TreeMap<>();
    private long denied;
    private @Nullable String kubeconfig;

    private OperatorAccount(ControlPlane plane, String namespace, boolean namespaced) {
        this.plane = plane;
        this.namespace = namespace;
        var grants = new Grants(plane.client(), namespace, NAME);
        granted = namespaced ? grants.inItsNamespace() : grants.everywhere();
        ALL.add(this);
        plane.audit().follow(user(), this);
    }

    /**
     * Installs an account for an operator that runs in this namespace and serves only it. It uses the chart's plain manifests, with tokens of
     * {@link #CALLER} and the content of {@link #SOURCES}.
     */
    public static OperatorAccount install(ControlPlane plane, String namespace) {
        plane.client().resourceList(objects(namespace).toList()).create();
        return new OperatorAccount(plane, namespace, true);
    }

    /** The account {@link #NAME} of a chart that is installed in this namespace. */
    public static OperatorAccount ofChart(ControlPlane plane, String namespace) {
        return new OperatorAccount(plane, namespace, false);
    }

    /** All accounts of this JVM so far, of every control plane. */
    static List<OperatorAccount> all() {
        return List.copyOf(ALL);
    }

    /** The objects that {@link #install} creates. */
    public static Stream<HasMetadata> objects(String namespace) {
        try {
            String manifest =
                    Files.readString(ControlPlane.repository().resolve("charts/manifests/namespaced/install.yaml"));
            String chart = Stream.of(manifest.split("(?m)^---$", -1))
                    .filter(document -> Pattern.compile("(?m)^kind: (ServiceAccount|Role|RoleBinding)$")
                            .matcher(document)
                            .find())
                    .collect(Collectors.joining("---"))
                    .replaceAll("(?m)namespace: \"?taskqueue\"?$", "namespace: " + namespace);
            String all = chart + "---\n" + LISTED.replace("NAMESPACE", namespace);
            return Stream.of(all.split("(?m)^---$", -1))
                    .map(document -> ControlPlane.YAML.<HasMetadata>unmarshal("---\n" + document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The user name of the account in the API server. */
    String user() {
        return "system:serviceaccount:" + namespace + ":" + NAME;
    }

    /** A kubeconfig, YAML, with a token that is valid for a day. Returns once the API server knows the rights. */
    public synchronized String kubeconfig() {
        if (kubeconfig == null) {
            var bound = new TreeSet<>(granted);
            bound.removeAll(withheld);
            new Grants(plane.client(), namespace, NAME).await(bound, true);
            kubeconfig = plane.kubeconfig(namespace, NAME);
        }
        return kubeconfig;
    }

    /** The same for a client in this process. */
    public Config config() {
        return ControlPlane.config(kubeconfig());
    }

    /**
     * Takes one of its Roles away, as if somebody had forgotten it. From now on requests that need the Role may be denied. Returns once the API
     * server denies them.
     */
    public void withhold(String role) {
        Set<Permission> gone = granted.stream()
                .filter(permission -> permission.role().equals("Role " + role))
                .collect(Collectors.toSet());
        synchronized (this) {
            withheld.addAll(gone);
        }
        plane.client().rbac().roles().inNamespace(namespace).withName(role).delete();
        new Grants(plane.client(), namespace, NAME).await(gone, false);
    }

    /** Gives the Role back. */
    public void giveBack(String role) {
        objects(namespace)
                .filter(object -> object.getKind().equals("Role")
                        && object.getMetadata().getName().equals(role))
                .forEach(object -> plane.client().resource(object).create());
    }

    @Override
    public synchronized void count(AuditLog.Request request) {
        requests.merge(ApiRequests.kind(request.verb(), request.resource()), 1L, Long::sum);
        denied += request.allowed() ? 0 : 1;
    }

    @Override
    public synchronized void asked(AuditLog.Request request) {
        if (!request.allowed()) {
            if (withheld.stream().noneMatch(permission -> permission.covers(request))) {
                faults.add("denied: " + request.verb() + " " + request.resource() + " " + request.name());
            }
            return;
        }
        Matcher by = ALLOWED_BY.matcher(request.reason());
        if (!by.matches()) {
            throw new IllegalStateException("The audit log does not name the role: " + request);
        }
        String role = by.group("role") + " " + by.group("name");
        String where = Objects.requireNonNullElse(by.group("namespace"), "");
        granted.stream()
                .filter(permission -> permission.role().equals(role)
                        && permission.namespace().equals(where)
                        && permission.covers(request))
                .findFirst()
                .ifPresentOrElse(used::add, () -> {
                    String free = role + ": " + request.verb() + " " + request.resource();
                    if (!FREE.contains(free)) {
                        faults.add("not by the chart but by " + free);
                    }
                });
    }

    /** The rights from the chart's roles. */
    public NavigableSet<Permission> granted() {
        return granted;
    }

    /** The rights that were needed up to now. */
    public NavigableSet<Permission> used() {
        readLog();
        synchronized (this) {
            return new TreeSet<>(used);
        }
    }

    /**
     * The requests of its operators up to now. The API server writes its log when it sends an answer, so the last requests may be missing for a
     * moment.
     */
    public ApiRequests requests() {
        readLog();
        synchronized (this) {
            return new ApiRequests(requests, denied);
        }
    }

    /** Throws if a request of an operator was denied, or was allowed by a role that is not the chart's. */
    public void assertSufficed() {
        readLog();
        synchronized (this) {
            if (!faults.isEmpty()) {
                throw new AssertionError("In " + test + " the operator asked for what the chart does not grant:\n"
                        + String.join("\n", faults));
            }
        }
    }

    private void readLog() {
        // A closed control plane has no more requests.
        if (plane.isOpen()) {
            plane.audit().read();
        }
    }
}

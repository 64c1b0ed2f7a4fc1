package dev.taskqueue.dev.apiserver;

import dev.taskqueue.dev.apiserver.ResourceType.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All resources of this server: those of Kubernetes that a manifest with a queue may name, and those of our CRDs. The kinds of Kubernetes are only
 * stored. For example, a Deployment starts nothing.
 */
final class ResourceTypes {
    static final ResourceType NAMESPACES = core("namespaces", "Namespace", false, true, "ns");
    static final ResourceType SERVICES = service();
    static final ResourceType SERVICE_ACCOUNTS = core("serviceaccounts", "ServiceAccount", true, false, "sa");
    static final ResourceType SECRETS = core("secrets", "Secret", true, false);
    static final ResourceType CRDS = new ResourceType(
            "apiextensions.k8s.io",
            "v1",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            false,
            false,
            List.of("crd", "crds"),
            List.of(),
            List.of(new Column("Created At", "string", "", false, FieldPath.parse(ResourceType.AGE))),
            null);

    private static final List<ResourceType> OF_KUBERNETES = List.of(
            NAMESPACES,
            SERVICES,
            SERVICE_ACCOUNTS,
            SECRETS,
            CRDS,
            core("configmaps", "ConfigMap", true, false, "cm"),
            core("events", "Event", true, false, "ev"),
            core("pods", "Pod", true, true, "po"),
            in("events.k8s.io", "events", "Event", true, false, "ev"),
            in("discovery.k8s.io", "endpointslices", "EndpointSlice", true, false),
            in("coordination.k8s.io", "leases", "Lease", true, false),
            in("apps", "deployments", "Deployment", true, true, "deploy"),
            in("policy", "poddisruptionbudgets", "PodDisruptionBudget", true, true, "pdb"),
            in("networking.k8s.io", "networkpolicies", "NetworkPolicy", true, false, "netpol"),
            in("rbac.authorization.k8s.io", "roles", "Role", true, false),
            in("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", true, false),
            in("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false, false),
            in("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", false, false));

    private final List<ResourceType> all;

    ResourceTypes(List<Crd> crds) {
        var types = new ArrayList<>(OF_KUBERNETES);
        crds.forEach(crd -> types.add(crd.type()));
        all = List.copyOf(types);
    }

    List<ResourceType> all() {
        return all;
    }

    Optional<ResourceType> find(String group, String version, String plural) {
        return all.stream()
                .filter(type -> type.group().equals(group)
                        && type.version().equals(version)
                        && type.plural().equals(plural))
                .findFirst();
    }

    private static ResourceType core(
            String plural, String kind, boolean namespaced, boolean statusApart, String... shortNames) {
        return in("", plural, kind, namespaced, statusApart, shortNames);
    }

    private static ResourceType in(
            String group, String plural, String kind, boolean namespaced, boolean statusApart, String... shortNames) {
        return new ResourceType(
                group,
                "v1",
                plural,
                kind,
                namespaced,
                statusApart,
                List.of(shortNames),
                List.of(),
                List.of(new Column("Age", "date", "", false, FieldPath.parse(ResourceType.AGE))),
                null);
    }

    private static ResourceType service() {
        var columns = List.of(
                new Column("Type", "string", "", false, FieldPath.parse(".spec.type")),
                new Column("Cluster-IP", "string", "", false, FieldPath.parse(".spec.clusterIP")),
                new Column("Port(s)", "string", "", false, FieldPath.parse(".spec.ports[*].port")),
                new Column("Age", "date", "", false, FieldPath.parse(ResourceType.AGE)));
        return new ResourceType(
                "", "v1", "services", "Service", true, true, List.of("svc"), List.of("all"), columns, null);
    }
}

package dev.taskqueue.operator.testing;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Reads the rights that are bound to a ServiceAccount on an API server. */
final class Grants {
    private final KubernetesClient admin;
    private final String namespace;
    private final String account;

    Grants(KubernetesClient admin, String namespace, String account) {
        this.admin = admin;
        this.namespace = namespace;
        this.account = account;
    }

    /** The rights from Roles of the account's own namespace. */
    NavigableSet<Permission> inItsNamespace() {
        return collect(
                admin.rbac().roleBindings().inNamespace(namespace).list().getItems(),
                admin.rbac().roles().inNamespace(namespace).list().getItems());
    }

    /** The rights from Roles of any namespace and from ClusterRoles. */
    NavigableSet<Permission> everywhere() {
        NavigableSet<Permission> all = collect(
                admin.rbac().roleBindings().inAnyNamespace().list().getItems(),
                admin.rbac().roles().inAnyNamespace().list().getItems());
        for (ClusterRoleBinding binding :
                admin.rbac().clusterRoleBindings().list().getItems()) {
            if (isBound(binding.getSubjects())) {
                String role = binding.getRoleRef().getName();
                permissions("ClusterRole " + role, "", clusterRole(role)).forEach(all::add);
            }
        }
        return all;
    }

    private NavigableSet<Permission> collect(List<RoleBinding> bindings, List<Role> roles) {
        return bindings.stream()
                .filter(binding -> isBound(binding.getSubjects()))
                .flatMap(binding -> {
                    RoleRef ref = binding.getRoleRef();
                    String where = binding.getMetadata().getNamespace();
                    List<PolicyRule> rules = ref.getKind().equals("Role")
                            ? role(where, ref.getName(), roles)
                            : clusterRole(ref.getName());
                    return permissions(ref.getKind() + " " + ref.getName(), where, rules);
                })
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<PolicyRule> role(String where, String name, List<Role> roles) {
        return roles.stream()
                .filter(role -> role.getMetadata().getNamespace().equals(where)
                        && role.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getRules();
    }

    private List<PolicyRule> clusterRole(String name) {
        return admin.rbac().clusterRoles().withName(name).require().getRules();
    }

    private boolean isBound(List<Subject> subjects) {
        return subjects.stream()
                .anyMatch(subject -> subject.getKind().equals("ServiceAccount")
                        && subject.getName().equals(account)
                        && subject.getNamespace().equals(namespace));
    }

    private static Stream<Permission> permissions(String role, String namespace, List<PolicyRule> rules) {
        return rules.stream().flatMap(rule -> Permission.of(role, namespace, rule));
    }

    /** Waits for the API server's authorizer, which learns of roles and bindings through its own watches. */
    void await(Collection<Permission> permissions, boolean allowed) {
        Collection<Permission> oneOfEachRole = permissions.stream()
                .collect(Collectors.toMap(
                        permission -> permission.role() + permission.namespace(), one -> one, (one, other) -> one))
                .values();
        Awaitility.await("the rights of the operator")
                .atMost(TestCluster.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> oneOfEachRole.stream().allMatch(permission -> isAllowed(permission) == allowed));
    }

    private boolean isAllowed(Permission permission) {
        String[] parts = permission.resource().split("/", 2);
        String[] kind = parts[0].split("\\.", 2);
        var review = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser("system:serviceaccount:" + namespace + ":" + account)
                .withNewResourceAttributes()
                .withNamespace(permission.namespace())
                .withVerb(permission.verb())
                .withGroup(kind.length > 1 ? kind[1] : "")
                .withResource(kind[0])
                .withSubresource(parts.length > 1 ? parts[1] : "")
                .withName(permission.name())
                .endResourceAttributes()
                .endSpec()
                .build();
        var answer =
                admin.authorization().v1().subjectAccessReview().create(review).getStatus();
        return Objects.equals(answer.getAllowed(), true);
    }
}

package dev.taskqueue.operator.testing;

import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.util.Arrays;
import java.util.stream.Collectors;

/** An account for operators. A test gives it the chart's Roles of namespaces one by one, and takes them away. */
public final class RevocableAccount {
    private static final String NAME = "limited";

    private final TestCluster home;

    private RevocableAccount(TestCluster home) {
        this.home = home;
    }

    /** Creates the account in the namespace of a cluster; that is also where its operators keep their Lease. */
    public static RevocableAccount create(TestCluster home) {
        home.plane().createServiceAccount(home.namespace(), NAME);
        return new RevocableAccount(home);
    }

    public String name() {
        return NAME;
    }

    /** Gives it a Role of the cluster's namespace. */
    public void bind(TestCluster cluster, String role) {
        cluster.plane()
                .client()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(binding(role))
                        .withNamespace(cluster.namespace())
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", role)
                        .addNewSubject("", "ServiceAccount", NAME, home.namespace())
                        .build())
                .create();
    }

    /** Takes it away again. */
    public void unbind(TestCluster cluster, String role) {
        cluster.plane()
                .client()
                .rbac()
                .roleBindings()
                .inNamespace(cluster.namespace())
                .withName(binding(role))
                .delete();
    }

    private static String binding(String role) {
        return NAME + "-" + role;
    }

    /** Starts an operator that serves the namespaces of these clusters. */
    public OperatorProcess start(TestCluster... served) {
        String namespaces = Arrays.stream(served).map(TestCluster::namespace).collect(Collectors.joining(","));
        var environment = home.environment(
                "NAMESPACES=" + namespaces,
                "LEADER_ELECTION=true",
                "LEASE_NAMESPACE=" + home.namespace(),
                "LEASE_NAME=" + TestCluster.LEASE,
                "LEASE_DURATION=" + TestCluster.LEASE_DURATION);
        return new OperatorProcess(home.plane().kubeconfig(home.namespace(), NAME), environment);
    }
}

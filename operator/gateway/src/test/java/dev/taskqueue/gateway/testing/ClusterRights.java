package dev.taskqueue.gateway.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The accounts of a {@link RealCluster} and what they may do: by the chart, or by hand-written Roles that grant the same without helm. */
final class ClusterRights {
    static final String NAMESPACE = "taskqueue-system";
    static final String GATEWAY = "taskqueue-gateway";

    private static final String ACCOUNTS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: taskqueue-system}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: producer, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: admin, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: stranger, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: unlisted, namespace: shop}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: powerful, namespace: kube-system}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: powerful}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: powerful, namespace: kube-system}]
            ---
            """;

    private static final String BY_HAND = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: taskqueue-gateway, namespace: taskqueue-system}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: taskqueue-gateway}
            rules:
            - {apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}
            - {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
            - {apiGroups: [taskqueue.dev], resources: [taskqueues], verbs: [get, list, watch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: taskqueue-gateway}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: taskqueue-gateway}
            subjects: [{kind: ServiceAccount, name: taskqueue-gateway, namespace: taskqueue-system}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: taskqueue-gateway, namespace: shop}
            rules:
            - {apiGroups: [""], resources: [serviceaccounts], resourceNames: [producer, admin, stranger], verbs: [impersonate]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: taskqueue-gateway, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: taskqueue-gateway}
            subjects: [{kind: ServiceAccount, name: taskqueue-gateway, namespace: taskqueue-system}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: taskqueue-enqueuer}
            rules:
            - {apiGroups: [taskqueue.dev], resources: [tasks, taskbatches], verbs: [create]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: taskqueue-queue-admin}
            rules:
            - {apiGroups: [taskqueue.dev], resources: [tasks, taskbatches], verbs: [create, get, list, delete, patch, deletecollection]}
            - {apiGroups: [taskqueue.dev], resources: [taskqueues], verbs: [create, get, list, delete, patch]}
            ---
            """;

    /** Binds the producers to the roles that the chart has for people. */
    private static final String BINDINGS = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: producer, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: taskqueue-enqueuer}
            subjects: [{kind: ServiceAccount, name: producer, namespace: shop}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: admin, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: taskqueue-queue-admin}
            subjects: [{kind: ServiceAccount, name: admin, namespace: shop}]
            """;

    private ClusterRights() {}

    /** Rights that need no helm. */
    static String byHand() {
        return ACCOUNTS + BY_HAND + BINDINGS;
    }

    /** The rights and policies of the chart, for these producers of the namespace shop. */
    static String ofChart(Path chart, List<String> producers) {
        var command = List.of(
                InstalledPrograms.here().program("helm").orElseThrow().toString(),
                "template",
                "taskqueue",
                chart.toString(),
                "--namespace=" + NAMESPACE,
                "--set=gateway.enabled=true,gateway.tls.secretName=gateway-tls",
                "--set-json=gateway.producers=[{\"namespace\":\"shop\",\"serviceAccounts\":[\""
                        + String.join("\",\"", producers) + "\"]}]",
                "--show-only=templates/gateway-rbac.yaml",
                "--show-only=templates/user-roles.yaml",
                "--show-only=templates/admission-policies.yaml");
        return ACCOUNTS + run(command) + "\n---\n" + BINDINGS;
    }

    private static String run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("helm does not render the chart");
            }
            return printed;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopping);
        }
    }
}

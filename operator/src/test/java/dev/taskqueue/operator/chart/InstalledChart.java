package dev.taskqueue.operator.chart;

import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Helm;
import dev.taskqueue.operator.testing.Tools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** An API server on which the chart is installed, with namespaces that it serves. */
final class InstalledChart implements AutoCloseable {
    static final String NAMESPACE = "taskqueue-system";
    static final String OPERATOR = "system:serviceaccount:" + NAMESPACE + ":taskqueue";
    /** This namespace is listed in {@code ci/full-values.yaml}. */
    static final String ORDERS = "orders";

    private final ControlPlane plane;

    /** Installs the chart with the full values of {@code ci/}, and waits until its policies are in force. */
    InstalledChart() {
        this("full");
        try {
            plane.kubectl(
                    "create", "rolebinding", "nobody", "--clusterrole=taskqueue-edit", "--user=nobody", "-n", ORDERS);
            awaitPolicies();
        } catch (RuntimeException | Error e) {
            plane.close();
            throw e;
        }
    }

    /** Installs the chart with one of the {@link Chart#VALUES}, and further arguments of helm. */
    InstalledChart(String values, String... more) {
        plane = prepare();
        try {
            Helm helm = Helm.on(plane);
            if (!Chart.yaml(Chart.text("ci/" + values + "-values.yaml"))
                    .at("/crds/enabled")
                    .asBoolean(true)) {
                plane.kubectl("create", "-f", Chart.REPOSITORY.resolve("crds").toString());
            }
            helm.run(Stream.concat(
                            Stream.of(
                                    "install",
                                    "taskqueue",
                                    Chart.FOLDER.toString(),
                                    "-n",
                                    NAMESPACE,
                                    "-f",
                                    Chart.values(values)),
                            Stream.of(more))
                    .toArray(String[]::new));
            plane.createServiceAccount(ORDERS, "task-dispatcher");
        } catch (RuntimeException | Error e) {
            plane.close();
            throw e;
        }
    }

    /** An API server with everything that must exist before the chart is installed. */
    static ControlPlane prepare(String... apiServerFlags) {
        Path prometheus = Tools.prometheusCrds();
        ControlPlane plane = ControlPlane.startWithoutCrds(apiServerFlags);
        try {
            plane.kubectl("create", "-f", prometheus.toString());
            Stream.of(NAMESPACE, ORDERS, "shipping").forEach(name -> plane.kubectl("create", "namespace", name));
            return plane;
        } catch (RuntimeException | Error e) {
            plane.close();
            throw e;
        }
    }

    ControlPlane plane() {
        return plane;
    }

    /** Tries to create the manifest as this user, without storing it. It throws if kubectl fails. */
    void tryAs(String user, String manifest) {
        plane.kubectlWithInput(manifest, "create", "--as", user, "-n", ORDERS, "--dry-run=server", "-f", "-");
    }

    /** Requests a token of {@code task-dispatcher} as the operator. An empty audience means no audience. */
    String token(String namespace, String audience, String duration) {
        var args = new ArrayList<>(List.of(
                "create", "token", "task-dispatcher", "-n", namespace, "--as", OPERATOR, "--duration", duration));
        if (!audience.isEmpty()) {
            args.addAll(List.of("--audience", audience));
        }
        return plane.kubectl(args.toArray(String[]::new));
    }

    /** Waits until the policies are in force. The API server starts to use each of them a moment after it was created. */
    private void awaitPolicies() {
        Awaitility.await("the policies to be in force")
                .until(() -> refuses(() -> token(ORDERS, "not-listed", "1h"))
                        && refuses(() -> tryAs("nobody", """
                        apiVersion: taskqueue.dev/v1beta1
                        kind: Task
                        metadata: {name: try}
                        spec: {queueRef: {name: q}, httpRequest: {serviceAccountToken: {serviceAccountName: a}}}
                        """))
                        && refuses(() -> tryAs("nobody", """
                        apiVersion: taskqueue.dev/v1beta1
                        kind: TaskQueue
                        metadata: {name: try, annotations: {taskqueue.dev/hold: because}}
                        """)));
    }

    private boolean refuses(Runnable attempt) {
        try {
            attempt.run();
            return false;
        } catch (RuntimeException refused) {
            return String.valueOf(refused.getMessage()).contains("ValidatingAdmissionPolicy");
        }
    }

    @Override
    public void close() {
        plane.close();
    }
}

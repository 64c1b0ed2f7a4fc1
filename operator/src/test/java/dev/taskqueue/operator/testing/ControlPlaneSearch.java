package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.ControlPlaneBinaries;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubeapitest.binary.BinaryManager;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.slf4j.LoggerFactory;

/**
 * Finds kube-apiserver, etcd and kubectl, or else downloads them, by Fabric8's kube-api-test; only this part of it is used, because what it
 * starts listens on all interfaces and cannot be restarted or be given flags of ours.
 */
final class ControlPlaneSearch {
    private ControlPlaneSearch() {}

    /** Aborts the running test where there are none and none can be had; fails it where the environment says {@code CI=true}. */
    static ControlPlaneBinaries find() {
        try {
            return look(true);
        } catch (KubeAPITestException notThere) {
            return download();
        }
    }

    private static ControlPlaneBinaries download() {
        try {
            return look(false);
        } catch (RuntimeException e) {
            throw missing(
                    "No kube-apiserver and etcd here, and none could be downloaded, so this test cannot run;"
                            + " .ci/control-plane/build.sh builds them.",
                    e);
        }
    }

    /** Beside the others; nobody offers it for download. Where it is missing, as above. */
    static Path controllerManager(ControlPlaneBinaries binaries) {
        return binaries.controllerManager()
                .orElseThrow(() -> missing(
                        "No kube-controller-manager beside "
                                + binaries.apiServer().getFileName()
                                + ", so this test cannot run; .ci/control-plane/build.sh builds it.",
                        null));
    }

    private static RuntimeException missing(String missing, @Nullable Throwable cause) {
        if ("true".equals(System.getenv("CI"))) {
            return new IllegalStateException(missing, cause);
        }
        LoggerFactory.getLogger(ControlPlaneSearch.class).warn("SKIPPED: {}", missing);
        return new TestAbortedException(missing);
    }

    private static ControlPlaneBinaries look(boolean offline) {
        var manager = new BinaryManager(new KubeAPIServerConfigBuilder()
                .withOfflineMode(offline)
                .withUpdateKubeConfig(false)
                .build());
        manager.initAndDownloadIfRequired();
        var found = manager.binaries();
        return new ControlPlaneBinaries(
                found.getApiServer().toPath(),
                found.getEtcd().toPath(),
                found.getKubectl().toPath());
    }
}

package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.util.Collection;
import java.util.stream.Collectors;

/** Something that a test starts or reads, and that some machines do not have. */
public enum Prerequisite {
    CONTROL_PLANE("kube-apiserver and etcd", ".ci/control-plane/build.sh"),
    CONTROLLER_MANAGER("kube-controller-manager", ".ci/control-plane/build.sh"),
    HELM("helm", ".ci/tools/build.sh"),
    KUBECONFORM("kubeconform", ".ci/tools/build.sh"),
    PROMETHEUS_CRDS("the CRDs of the Prometheus operator", ".ci/tools/build.sh"),
    PYTHON("python3", ""),
    PYTHON_CLIENT("Google's Python client for Cloud Tasks", ".ci/clients/python.sh"),
    NODE_CLIENT("Google's Node client for Cloud Tasks", ".ci/clients/node.sh"),
    GO_CLIENT("Google's Go client for Cloud Tasks", ".ci/clients/go.sh"),
    FAKETIME("faketime, with its library libfaketimeMT.so.1", ""),
    CHROMIUM("chromium and chromedriver (on Debian the packages chromium and chromium-driver)", ""),
    NODE("node, 20 or newer", ""),
    BUSYBOX("busybox", ""),
    PROMETHEUS("prometheus and promtool (on Debian the package prometheus)", "");

    private final String title;
    private final String script;

    Prerequisite(String title, String script) {
        this.title = title;
        this.script = script;
    }

    /** Whether this machine has it now. */
    public boolean isMet(InstalledPrograms programs) {
        return switch (this) {
            case CONTROL_PLANE -> programs.controlPlane().isPresent();
            case CONTROLLER_MANAGER -> programs.controllerManager().isPresent();
            case HELM -> programs.program("helm").isPresent();
            case KUBECONFORM -> programs.program("kubeconform").isPresent();
            case PROMETHEUS_CRDS -> programs.prometheusCrds().isPresent();
            case PYTHON_CLIENT -> programs.pythonClient().isPresent();
            case NODE_CLIENT -> programs.nodeClient().isPresent();
            case GO_CLIENT -> programs.goClient().isPresent();
            case PYTHON -> programs.onPath("python3").isPresent();
            case FAKETIME -> programs.libfaketime().isPresent();
            case CHROMIUM ->
                programs.onPath("chromium").isPresent()
                        && programs.onPath("chromedriver").isPresent();
            case NODE -> programs.onPath("node").isPresent();
            case BUSYBOX -> programs.onPath("busybox").isPresent();
            case PROMETHEUS ->
                programs.onPath("promtool").isPresent()
                        && programs.onPath("prometheus").isPresent();
        };
    }

    /** The program on the PATH that its script needs. */
    public String builder() {
        return switch (this) {
            case PYTHON_CLIENT -> "python3";
            case NODE_CLIENT -> "npm";
            default -> "go";
        };
    }

    /** The script of this repository that builds or installs it; empty if no script does. */
    public String script() {
        return script;
    }

    /** Says what is missing and what to do about it, in sentences for a person who reads the output of a build. */
    public static String absence(Collection<Prerequisite> missing, InstalledPrograms programs) {
        String titles = missing.stream().map(prerequisite -> prerequisite.title).collect(Collectors.joining(", "));
        return missing.stream()
                .map(prerequisite -> prerequisite.remedy(programs))
                .distinct()
                .collect(Collectors.joining(" ", "Not found: " + titles + ". ", ""));
    }

    private String remedy(InstalledPrograms programs) {
        if (script.isEmpty()) {
            return "Install " + title + ".";
        }
        if (!programs.mayBeAddedTo()) {
            return InstalledPrograms.FOLDER + " names " + programs.folder()
                    + ", which does not exist, so nothing is downloaded or built: unset it, or create that folder.";
        }
        String builder = builder();
        if (programs.onPath(builder).isEmpty()) {
            return "Put " + (builder.equals("go") ? "Go" : builder)
                    + " on the PATH and run \"mvn verify\" again: it builds what is missing, once.";
        }
        return "Run " + script + ": it builds what is missing, or says why it cannot.";
    }
}

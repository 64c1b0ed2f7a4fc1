package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.InstalledPrograms;

/** Something that a test starts or reads and that not every machine has. */
public enum Prerequisite {
    CONTROL_PLANE("kube-apiserver and etcd are not here", ".ci/control-plane/build.sh"),
    CONTROLLER_MANAGER("kube-controller-manager is not here", ".ci/control-plane/build.sh"),
    HELM("helm is not here", ".ci/tools/build.sh"),
    KUBECONFORM("kubeconform is not here", ".ci/tools/build.sh"),
    PROMETHEUS_CRDS("the CRDs of the Prometheus operator are not here", ".ci/tools/build.sh"),
    PYTHON("python3 is not here", "");

    private final String absence;
    private final String script;

    Prerequisite(String absence, String script) {
        this.absence = absence;
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
            case PYTHON -> programs.onPath("python3").isPresent();
        };
    }

    /** The script of this repository that builds it with Go; empty where none does. */
    public String script() {
        return script;
    }

    /** That it is missing, and what to do about it, as sentences for whoever reads the output of a build. */
    public String absence(InstalledPrograms programs) {
        return absence + ". " + remedy(programs);
    }

    private String remedy(InstalledPrograms programs) {
        if (script.isEmpty()) {
            return "Install it.";
        }
        if (!programs.mayBeAddedTo()) {
            return InstalledPrograms.FOLDER + " names " + programs.folder()
                    + ", which does not exist, so nothing is downloaded or built: unset it, or create that folder.";
        }
        if (programs.onPath("go").isEmpty()) {
            return "Put Go on the PATH and run \"mvn verify\" again, which then builds it once (" + script + ").";
        }
        return "Run \"mvn verify\", which builds it once, or " + script + ", and read what that says.";
    }
}

package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.util.function.Predicate;

/** Something that a test starts or reads and that not every machine has. */
public enum Prerequisite {
    CONTROL_PLANE(
            "kube-apiserver and etcd are not here",
            ".ci/control-plane/build.sh",
            programs -> programs.controlPlane().isPresent()),
    CONTROLLER_MANAGER(
            "kube-controller-manager is not here",
            ".ci/control-plane/build.sh",
            programs -> programs.controllerManager().isPresent()),
    HELM(
            "helm is not here",
            ".ci/tools/build.sh",
            programs -> programs.program("helm").isPresent()),
    KUBECONFORM(
            "kubeconform is not here",
            ".ci/tools/build.sh",
            programs -> programs.program("kubeconform").isPresent()),
    PROMETHEUS_CRDS(
            "the CRDs of the Prometheus operator are not here",
            ".ci/tools/build.sh",
            programs -> programs.prometheusCrds().isPresent()),
    PYTHON("python3 is not here", "", programs -> programs.program("python3").isPresent());

    private final String absence;
    private final String script;
    private final Predicate<InstalledPrograms> presence;

    Prerequisite(String absence, String script, Predicate<InstalledPrograms> presence) {
        this.absence = absence;
        this.script = script;
        this.presence = presence;
    }

    /** Whether this machine has it now. */
    public boolean isMet(InstalledPrograms programs) {
        return presence.test(programs);
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

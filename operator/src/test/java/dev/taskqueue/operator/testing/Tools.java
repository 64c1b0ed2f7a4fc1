package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import java.nio.file.Path;

/** What checks and installs the chart. A test that uses one of them says so with {@code @Requires}. */
public final class Tools {
    private Tools() {}

    /** The program. */
    public static Path helm() {
        PrerequisiteCondition.checkDeclared(Prerequisite.HELM);
        return InstalledPrograms.here().program("helm").orElseThrow();
    }

    /** The program. */
    static Path kubeconform() {
        PrerequisiteCondition.checkDeclared(Prerequisite.KUBECONFORM);
        return InstalledPrograms.here().program("kubeconform").orElseThrow();
    }

    /** The CRDs of the Prometheus operator, as a folder. */
    public static Path prometheusCrds() {
        PrerequisiteCondition.checkDeclared(Prerequisite.PROMETHEUS_CRDS);
        return InstalledPrograms.here().prometheusCrds().orElseThrow();
    }
}

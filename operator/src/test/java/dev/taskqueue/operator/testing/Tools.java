package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import java.nio.file.Path;

/** The programs that check and install the chart, and those that tests start. A test that uses one of them declares it with {@code @Requires}. */
public final class Tools {
    private Tools() {}

    /** The path of the program. */
    public static Path helm() {
        PrerequisiteCondition.checkDeclared(Prerequisite.HELM);
        return InstalledPrograms.here().program("helm").orElseThrow();
    }

    /** The path of the program. */
    public static Path promtool() {
        PrerequisiteCondition.checkDeclared(Prerequisite.PROMETHEUS);
        return InstalledPrograms.here().onPath("promtool").orElseThrow();
    }

    /** The path of the program. */
    public static Path prometheus() {
        PrerequisiteCondition.checkDeclared(Prerequisite.PROMETHEUS);
        return InstalledPrograms.here().onPath("prometheus").orElseThrow();
    }

    /** The library that shows a process another wall clock. */
    public static Path libfaketime() {
        PrerequisiteCondition.checkDeclared(Prerequisite.FAKETIME);
        return InstalledPrograms.here().libfaketime().orElseThrow();
    }

    /** The path of the program. */
    static Path kubeconform() {
        PrerequisiteCondition.checkDeclared(Prerequisite.KUBECONFORM);
        return InstalledPrograms.here().program("kubeconform").orElseThrow();
    }

    /** The folder of the CRDs of the Prometheus operator. */
    public static Path prometheusCrds() {
        PrerequisiteCondition.checkDeclared(Prerequisite.PROMETHEUS_CRDS);
        return InstalledPrograms.here().prometheusCrds().orElseThrow();
    }
}

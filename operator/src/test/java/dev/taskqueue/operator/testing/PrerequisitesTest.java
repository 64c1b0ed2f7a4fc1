package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import org.junit.jupiter.api.Test;

class PrerequisitesTest {
    /** Fails if JUnit does not ask the condition about the tests of this module. */
    @Test
    void theConditionIsAskedAboutTheTestsOfThisModule() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> PrerequisiteCondition.checkDeclared(Prerequisite.HELM))
                .withMessageContaining("add @Requires(HELM)");
    }
}

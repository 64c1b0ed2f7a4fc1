package dev.taskqueue.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.TestCluster;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A small campaign. {@code mvn -Pcampaign verify} runs larger ones. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.FAKETIME})
@Order(TestCluster.LONG_FIRST)
class CampaignIT {
    private static final long SEED = 14;

    @Test
    void noRuleIsBroken() throws Exception {
        CampaignReport report = new Campaign(CampaignOptions.half(SEED)).run();
        System.out.print(report.text());
        assertThat(report.problems()).isEmpty();
    }
}

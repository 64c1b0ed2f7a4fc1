package dev.taskqueue.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A small campaign with a fixed seed, in every build. {@link CampaignRun} has any size. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.FAKETIME})
@Order(TestCluster.LONG_FIRST)
class CampaignIT {
    private static final int TASKS = 3_000;
    private static final int FAULTS = 20;
    private static final long SEED = 14;

    @Test
    void noRuleIsBrokenByTwentyFaults() throws Exception {
        var campaign = new Campaign(new CampaignOptions(TASKS, FAULTS, Integer.MAX_VALUE, List.of(SEED)));
        CampaignReport report = campaign.run();
        System.out.print(report.text());
        assertThat(report.problems()).isEmpty();
        assertThat(campaign.faults()).isEqualTo(FAULTS);
        assertThat(campaign.tasks()).isGreaterThanOrEqualTo(TASKS);
    }
}

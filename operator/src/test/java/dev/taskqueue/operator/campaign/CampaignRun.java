package dev.taskqueue.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A campaign of any size: {@code mvn -Pcampaign verify}. docs/reliability.md has the options. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.FAKETIME})
class CampaignRun {
    private static final String FACTS = "campaign.facts";

    @Test
    @DisabledIfSystemProperty(named = FACTS, matches = ".+")
    void noRuleIsBroken() throws Exception {
        CampaignOptions options = CampaignOptions.read();
        var campaign = new Campaign(options);
        check(campaign.run());
        if (!CampaignOptions.isBounded()) {
            assertThat(campaign.faults()).isEqualTo(options.faults());
            assertThat(campaign.tasks()).isGreaterThanOrEqualTo(options.tasks());
        }
    }

    /** Judges the facts of an earlier run once more, with the rules of today. */
    @Test
    @EnabledIfSystemProperty(named = FACTS, matches = ".+")
    void noRuleWasBroken() throws IOException {
        check(new CampaignReport(
                        "again", List.of(), List.of(), Duration.ofMillis(Integer.getInteger("campaign.delay", 0)))
                .judge(Path.of(System.getProperty(FACTS))));
    }

    private static void check(CampaignReport report) {
        System.out.print(report.text());
        assertThat(report.problems()).isEmpty();
    }
}

package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Conditions.Reason;
import org.junit.jupiter.api.Test;

class DocLinksTest {
    private static final String LINK = " (see Troubleshooting, section Expired)";

    @Test
    void whatNobodyHasToActOnCarriesNoLink() {
        assertThat(DocLinks.append("The worker answered 200.", Reason.Delivered, 256))
                .isEqualTo("The worker answered 200.");
        assertThat(DocLinks.append("Due at 9.", Reason.Scheduled, 256)).isEqualTo("Due at 9.");
    }

    @Test
    void theSentenceIsWholeWhereBothDoNotFit() {
        String longest = "x".repeat(256 - LINK.length());
        assertThat(DocLinks.append(longest, Reason.Expired, 256)).isEqualTo(longest + LINK);
        assertThat(DocLinks.append(longest + "x", Reason.Expired, 256)).isEqualTo(longest + "x");
    }

    @Test
    void theSentenceCanBeHadAlone() {
        assertThat(DocLinks.withoutLink(DocLinks.append("Too late (see below).", Reason.Expired, 256)))
                .isEqualTo("Too late (see below).");
        assertThat(DocLinks.withoutLink("Due at 9.")).isEqualTo("Due at 9.");
    }
}

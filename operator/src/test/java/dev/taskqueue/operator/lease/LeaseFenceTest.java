package dev.taskqueue.operator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.engine.Fence.Outcomes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseFenceTest {
    private static final Duration TERM = Duration.ofSeconds(10);

    private final LeaseClocks time = new LeaseClocks();
    private final LeaseFence fence = new LeaseFence("me", TERM, time.clock());

    @Test
    void aStandbyMayNothing() {
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
    }

    @Test
    void theLeaseAloneDoesNotOpenIt() {
        renew();
        assertThat(fence.isOpen()).isFalse();
        fence.tookOver();
        assertThat(fence.isOpen()).isTrue();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.All());
    }

    @Test
    void itClosesByItselfATermAfterTheLastRenewalWasSent() {
        renew();
        fence.tookOver();
        time.pass(TERM.minusNanos(1));
        assertThat(fence.isOpen()).isTrue();
        time.pass(Duration.ofNanos(1));
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.Later());
        renew();
        assertThat(fence.isOpen()).isTrue();
    }

    @Test
    void theTimeCountsFromTheSendingAndNotFromTheAnswer() {
        LeaderTerm.Moment sentAt = fence.now();
        time.pass(Duration.ofSeconds(4));
        fence.renewed(sentAt);
        fence.tookOver();
        time.pass(Duration.ofSeconds(6));
        assertThat(fence.isOpen()).isFalse();
    }

    @Test
    void aMachineThatHasSleptFindsItClosed() {
        renew();
        fence.tookOver();
        time.jump(TERM);
        assertThat(fence.isOpen()).isFalse();
    }

    @Test
    void aWallClockThatIsSetBackKeepsItOpenNoLonger() {
        renew();
        fence.tookOver();
        time.jump(Duration.ofHours(-1));
        time.pass(TERM);
        assertThat(fence.isOpen()).isFalse();
    }

    @Test
    void onceGivenBackOnlyOutcomesOfClaimsAreWritten() {
        renew();
        fence.tookOver();
        fence.release();
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.OfClaims("me"));
        renew();
        fence.tookOver();
        assertThat(fence.isOpen()).isFalse();
    }

    @Test
    void onceLostItNeverOpensAgain() {
        renew();
        fence.tookOver();
        fence.lose();
        renew();
        fence.tookOver();
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
    }

    @Test
    void whatIsGivenBackBeforeItOpenedHasClaimedNothing() {
        renew();
        fence.release();
        fence.tookOver();
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
    }

    private void renew() {
        fence.renewed(fence.now());
    }
}

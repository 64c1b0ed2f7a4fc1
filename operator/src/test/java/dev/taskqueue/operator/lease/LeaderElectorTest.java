package dev.taskqueue.operator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Fence.Outcomes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderElectorTest {
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final LeaseClocks time = new LeaseClocks();
    private final TestingInbox inbox = new TestingInbox(time);
    private final TestingLease lease = new TestingLease();
    private final LeaseFence fence = new LeaseFence("me", Duration.ofSeconds(10), time.clock());
    private final List<String> told = new ArrayList<>();
    private boolean warm = true;
    private int renewals;
    private boolean slow;
    private final LeaderElector election = new LeaderElector(
            lease,
            new LeaseRules("me", LEASE, PERIOD, Duration.ZERO),
            fence,
            time.clock(),
            new Callbacks(),
            inbox,
            Sleeper.SYSTEM);

    private int observedTransitions = -1;

    /** Takes over at once, except if the test makes it slow. */
    private final class Callbacks implements LeaderCallbacks {
        @Override
        public boolean isReady() {
            return warm;
        }

        @Override
        public void onElected(Runnable tookOver) {
            told.add("elected");
            if (!slow) {
                election.tookOver();
            }
        }

        @Override
        public void onStartedLeading() {
            told.add(fence.isOpen() ? "leads" : "leads with a closed fence");
        }

        @Override
        public void onRenewed() {
            renewals++;
        }

        @Override
        public void onObserved(int transitions) {
            observedTransitions = transitions;
        }

        @Override
        public void onStoppedLeading() {
            told.add("lost");
        }
    }

    @Test
    void whoIsAloneLeadsAtOnceAndRenewsEachPeriod() throws InterruptedException {
        turns(1);
        assertThat(told).containsExactly("elected", "leads");
        assertThat(fence.isOpen()).isTrue();
        long start = time.nanos();
        while (time.nanos() - start < 10 * PERIOD.toNanos()) {
            turns(1);
        }
        assertThat(lease.holders).hasSize(10).containsOnly("me");
        assertThat(fence.isOpen()).isTrue();
    }

    /** Then a renewal is always due, and the election never waits. */
    @Test
    void whatTheWatchShowsIsTakenInAlsoWhenEachRenewalTakesAPeriod() throws InterruptedException {
        turns(1);
        lease.meanwhile = () -> time.pass(PERIOD);
        turns(50);
        assertThat(inbox).hasSizeLessThan(3);
        assertThat(lease.holders).hasSizeGreaterThan(40);
    }

    @Test
    void whoseCachesAreColdDoesNotLead() throws InterruptedException {
        warm = false;
        turns(50);
        assertThat(lease.holders).isEmpty();
        warm = true;
        turns(1);
        assertThat(told).containsExactly("elected", "leads");
    }

    @Test
    void aStandbyTakesOverOnlyOnceTheLeaderHasBeenSilentForItsLease() throws InterruptedException {
        lease.put(others("other"));
        long silent = time.nanos();
        while (told.isEmpty()) {
            assertThat(fence.isOpen()).isFalse();
            turns(1);
        }
        assertThat(time.nanos() - silent).isGreaterThanOrEqualTo(LEASE.toNanos());
        assertThat(time.nanos() - silent).isLessThan(LEASE.plusSeconds(1).toNanos());
        assertThat(lease.holders).containsExactly("other", "me");
        assertThat(observedTransitions).isEqualTo(lease.there().transitions());
    }

    @Test
    void eachRenewalOfTheLeaderPutsItOff() throws InterruptedException {
        lease.put(others("other"));
        for (int i = 0; i < 100; i++) {
            inbox.happens.add(() -> lease.put(lease.there()));
        }
        turns(100);
        assertThat(told).isEmpty();
        assertThat(lease.holders).hasSize(101).containsOnly("other");
    }

    @Test
    void aLeaseThatIsGivenBackIsTakenAtOnce() throws InterruptedException {
        lease.put(others("other"));
        turns(2);
        long given = time.nanos();
        inbox.happens.add(() -> lease.put(others("")));
        turns(2);
        assertThat(told).containsExactly("elected", "leads");
        assertThat(time.nanos()).isEqualTo(given);
    }

    @Test
    void aThiefEndsTheLeaderAtOnce() throws InterruptedException {
        turns(1);
        long stolen = time.nanos();
        inbox.happens.add(() -> lease.put(others("thief")));
        turns(2);
        assertThat(told).containsExactly("elected", "leads", "lost");
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
        assertThat(time.nanos()).isEqualTo(stolen);
    }

    @Test
    void aDeletedLeaseEndsTheLeaderAndIsNotMadeAnewByIt() throws InterruptedException {
        turns(1);
        inbox.happens.add(lease::delete);
        turns(2);
        assertThat(told).containsExactly("elected", "leads", "lost");
        assertThat(lease.record).isNull();
    }

    @Test
    void aStandbyMakesADeletedLeaseAnewOnlyOnceItsHolderCannotActAnyMore() throws InterruptedException {
        lease.put(others("other"));
        long renewed = time.nanos();
        turns(2);
        inbox.happens.add(lease::delete);
        while (told.isEmpty()) {
            turns(1);
        }
        assertThat(time.nanos() - renewed).isGreaterThanOrEqualTo(LEASE.toNanos());
        assertThat(lease.holders).containsExactly("other", "me");
    }

    @Test
    void theDeletionOfALeaseThatWasMadeAnewSinceIsNoNews() throws InterruptedException {
        turns(2);
        inbox.happens.add(lease::tellOfAnEarlierDeletion);
        turns(4);
        assertThat(told).containsExactly("elected", "leads");
    }

    @Test
    void whatOthersEditInTheLeaseTakesNothingAway() throws InterruptedException {
        turns(2);
        inbox.happens.add(() -> lease.put(lease.there()));
        turns(10);
        assertThat(told).containsExactly("elected", "leads");
        assertThat(fence.isOpen()).isTrue();
    }

    @Test
    void aRenewalWhoseAnswerIsLostIsFoundAndRepeated() throws InterruptedException {
        turns(2);
        lease.answersLost = true;
        turns(4);
        lease.answersLost = false;
        turns(10);
        assertThat(told).containsExactly("elected", "leads");
        assertThat(fence.isOpen()).isTrue();
    }

    @Test
    void withoutRenewalsTheFenceClosesAndOpensAgainIfNobodyElseHasLedMeanwhile() throws InterruptedException {
        turns(2);
        lease.away = true;
        turns(60);
        assertThat(fence.isOpen()).isFalse();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.Later());
        assertThat(told).containsExactly("elected", "leads");
        lease.away = false;
        turns(2);
        assertThat(told).containsExactly("elected", "leads", "leads");
        assertThat(fence.isOpen()).isTrue();
        turns(10);
        assertThat(told).hasSize(3);
    }

    @Test
    void whoTakesOverSlowlyWhileNoRenewalGetsThroughLeadsOnceItHasTakenOverAndNotBefore() throws InterruptedException {
        slow = true;
        turns(2);
        lease.away = true;
        turns(60);
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
        lease.away = false;
        turns(4);
        assertThat(told).containsExactly("elected");
        assertThat(fence.isOpen()).isFalse();
        election.tookOver();
        assertThat(told).containsExactly("elected", "leads");
        election.tookOver();
        assertThat(told).hasSize(2);
    }

    @Test
    void aTakeOverThatEndsWhileNoRenewalGetsThroughLeadsWithTheNextOne() throws InterruptedException {
        slow = true;
        turns(2);
        lease.away = true;
        turns(60);
        election.tookOver();
        assertThat(told).containsExactly("elected");
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.Later());
        lease.away = false;
        turns(2);
        assertThat(told).containsExactly("elected", "leads");
    }

    @Test
    void eachRenewalThatIsAcknowledgedIsTold() throws InterruptedException {
        turns(2);
        int before = renewals;
        lease.away = true;
        turns(60);
        assertThat(renewals).isEqualTo(before);
        lease.away = false;
        turns(2);
        assertThat(renewals).isGreaterThan(before);
    }

    @Test
    void whoStopsBeforeItHasTakenOverWritesNothing() throws InterruptedException {
        slow = true;
        turns(2);
        election.close();
        assertThat(lease.there().isFree()).isTrue();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.None());
        election.tookOver();
        assertThat(told).containsExactly("elected");
    }

    @Test
    void whoWasAwayWhileAnotherLedIsLost() throws InterruptedException {
        turns(2);
        lease.away = true;
        turns(60);
        lease.away = false;
        lease.put(others("other"));
        assertThat(fence.isOpen()).isFalse();
        turns(2);
        assertThat(told).containsExactly("elected", "leads", "lost");
    }

    @Test
    void aFrozenLeaderFindsTheFenceClosedBeforeAnythingElse() throws InterruptedException {
        turns(2);
        time.pass(Duration.ofMinutes(1));
        assertThat(fence.isOpen()).isFalse();
    }

    @Test
    void whoStopsGivesTheLeaseBack() throws InterruptedException {
        turns(3);
        election.close();
        assertThat(lease.there().isFree()).isTrue();
        assertThat(fence.outcomes()).isEqualTo(new Outcomes.OfClaims("me"));
    }

    @Test
    void aStandbyThatStopsLeavesTheLeaseAlone() throws InterruptedException {
        lease.put(others("other"));
        turns(2);
        election.close();
        assertThat(lease.holders).containsExactly("other");
    }

    @Test
    void whoHasLostTheLeaseGivesNothingBack() throws InterruptedException {
        turns(2);
        lease.put(others("thief"));
        election.close();
        assertThat(lease.holders).last().isEqualTo("thief");
    }

    private void turns(int count) throws InterruptedException {
        for (int i = 0; i < count && !told.contains("lost"); i++) {
            election.turn();
        }
    }

    private LeaseRecord others(String holder) {
        return new LeaseRecord(0, holder, LEASE, 1, time.instant(), time.instant());
    }
}

package dev.taskqueue.operator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the queue's limit for unfinished Tasks begins. */
class TaskOffersTest {
    private static final Instant CREATED = Instant.parse("2026-11-21T09:00:00Z");

    private final NamespaceTerms terms = NamespaceTerms.alone(CREATED, CREATED);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                       | {}                                                      | 2026-11-21T09:00:01Z",
                "scheduleTime: '2027-01-20T09:00:00Z'     | {}                                                      | 2027-01-20T09:00:00Z",
                "scheduleTime: '2026-01-20T09:00:00Z'     | {}                                                      | 2026-11-21T09:00:01Z",
                "delay: '1440h'                           | {}                                                      | 2027-01-20T09:00:01Z",
                "scheduleTime: '2026-11-22T09:00:00Z'     | {round: {number: 2, startTime: '2026-12-01T00:00:00Z'}} | 2026-12-01T00:00:00Z",
                "scheduleTime: '2026-11-22T09:00:00Z'     | {dispatchCount: 1, nextAttemptTime: '2026-12-24T00:00:00Z'} | 2026-11-22T09:00:00Z"
            })
    void itBeginsWhenTheTaskIsFirstDueOrWithItsLastRedrive(String time, String status, Instant since) {
        var offers = new TaskOffers(
                new SpecRules(Duration.ofDays(365), Duration.ofHours(2)),
                () -> CREATED.plusSeconds(60),
                terms,
                () -> Duration.ZERO);
        String spec = "{queueRef: {name: 'orders'}, httpRequest: {serviceRef: {name: 'worker'}}%s}"
                .formatted(time == null || time.isBlank() ? "" : ", " + time);
        var offer = offers.of(TaskReader.read(TestingTasks.task("a", 1, "", spec, status)));
        assertThat(offer.openSince()).isEqualTo(since);
    }
}

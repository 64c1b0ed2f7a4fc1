package dev.taskqueue.operator.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Task of these rows was created at 09:00:00 by its timestamp, which is cut to seconds. */
class DueTimeTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            without a time it is due when it is first seen                 |                                         | {} | 09:00:00.300 | 09:00:00.300
            seen much later it is due when it was created at the latest    |                                         | {} | 09:30:00     | 09:00:01
            a delay counts from when it is first seen                      | delay: 10s                              | {} | 09:00:00.300 | 09:00:10.300
            a delay never ends early after a restart                       | delay: 10s                              | {} | 09:30:00     | 09:00:11
            a schedule time ahead is kept                                  | scheduleTime: 2026-11-21T10:00:00.5Z    | {} | 09:00:00.300 | 10:00:00.500
            a schedule time with an offset is the same instant             | scheduleTime: 2026-11-21T11:00:00+01:00 | {} | 09:00:00.300 | 10:00:00
            a schedule time in the past means now                          | scheduleTime: 2026-11-20T10:00:00Z      | {} | 09:00:00.300 | 09:00:00.300
            a retry is due when its last outcome said                      | delay: 10s                              | {state: BackingOff, dispatchCount: 2, nextAttemptTime: 2026-11-21T09:40:00Z} | 09:30:00 | 09:40:00
            also where its queue was gone meanwhile and status said so     | delay: 10s                              | {state: Queued, dispatchCount: 2, nextAttemptTime: 2026-11-21T09:40:00Z}     | 09:30:00 | 09:40:00
            a retry in flight was due when its claim says                  | delay: 10s                              | {state: Dispatching, dispatchCount: 1, claim: {attempt: 2, scheduleTime: 2026-11-21T09:40:00Z}} | 09:50:00 | 09:40:00
            what status says of a first attempt is only told               | delay: 10s                              | {state: Scheduled, nextAttemptTime: 2026-11-21T09:40:00Z}                    | 09:00:00.300 | 09:00:10.300
            """)
    void dueTime(String story, String field, String status, String seen, String due) {
        String more = field == null ? "" : ", " + quoted(field);
        ObjectNode json =
                (ObjectNode) TestingTasks.task("a", 1, "", "{queueRef: {name: 'orders'}, httpRequest: {}" + more + "}");
        json.set("status", TestingTasks.json(quoted(status)));
        TaskObject task = TaskReader.read(json);
        assertThat(DueTime.of(task, task.spec(), time(seen), Duration.ZERO))
                .as(story)
                .isEqualTo(time(due));
    }

    /** The creation is by the API server's clock, and the result by that of the operator. */
    @ParameterizedTest
    @CsvSource({
        "900, 09:15:00.300, 09:25:00.300",
        "900, 10:15:00, 09:25:01",
        "-900, 08:45:00.300, 08:55:00.300",
        "-900, 09:45:00, 08:55:01"
    })
    void aDelayIsAsLongIfTheClocksDiffer(long ahead, String seen, String due) {
        TaskObject task = TaskReader.read(
                TestingTasks.task("a", 1, "", "{queueRef: {name: 'orders'}, httpRequest: {}, delay: '10m'}"));
        assertThat(DueTime.of(task, task.spec(), time(seen), Duration.ofSeconds(ahead)))
                .isEqualTo(time(due));
    }

    private static Instant time(String ofDay) {
        return Instant.parse("2026-11-21T" + ofDay + "Z");
    }

    /** Puts quotes around the values of the rows. */
    private static String quoted(String fields) {
        return fields.replaceAll("(: )([^\\s,{}][^,{}]*)", "$1'$2'").replaceAll("'([0-9]+)'", "$1");
    }
}

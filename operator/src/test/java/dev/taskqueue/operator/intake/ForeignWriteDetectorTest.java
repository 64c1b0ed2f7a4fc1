package dev.taskqueue.operator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.intake.ForeignWriteDetector.ForeignWrite;
import dev.taskqueue.operator.kube.FieldOwner;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignWriteDetectorTest {
    private static final String OTHER = "taskqueue-operator/elsewhere/other";

    private final List<ForeignWrite> found = new ArrayList<>();
    private final ForeignWriteDetector detector =
            new ForeignWriteDetector(FieldOwner.ofLease("operators", "taskqueue"), found::add);

    /** The entries are MANAGER TIME SUBRESOURCE. */
    private static JsonNode task(String status, String... entries) {
        var fields = new ArrayList<String>();
        for (String entry : entries) {
            String[] parts = entry.split(" ", -1);
            fields.add(
                    "{\"manager\": \"%s\", \"operation\": \"Update\", \"time\": \"2026-11-21T%sZ\", \"subresource\": \"%s\"}"
                            .formatted(parts[0], parts[1], parts[2]));
        }
        try {
            return new ObjectMapper()
                    .readTree(
                            "{\"metadata\": {\"namespace\": \"shop\", \"name\": \"a\", \"uid\": \"1\", \"managedFields\": %s}, \"status\": %s}"
                                    .formatted(fields, status));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String attempted(String state, String startTime) {
        return "{\"state\": \"%s\", \"lastAttempt\": {\"dispatchTime\": \"2026-11-21T%sZ\"}}"
                .formatted(state, startTime);
    }

    private void lead() {
        detector.lead("shop", Instant.parse("2026-11-21T10:00:00Z"));
    }

    @Test
    void anAttemptOfAnotherLeaseDuringTheTermIsFound() {
        lead();
        detector.look(task(attempted("Succeeded", "10:01:00"), "kubectl 10:00:59 ", OTHER + " 10:01:01 status"));
        assertThat(found).singleElement().satisfies(write -> {
            assertThat(write.lease()).isEqualTo("elsewhere/other");
            assertThat(write.task()).hasToString("shop/a");
        });
    }

    @ParameterizedTest
    @CsvSource({"Scheduled", "Queued", "Dispatching"})
    void aWaitingStateOfAnotherLeaseIsFound(String state) {
        detector.lead("", Instant.parse("2026-11-21T10:00:00Z"));
        detector.look(task("{\"state\": \"" + state + "\"}", OTHER + " 10:01:01 status"));
        assertThat(found).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            written by a former installation         | 10:01:00 | taskqueue-operator/elsewhere/other 09:59:59 status
            hardly after the take-over               | 10:01:00 | taskqueue-operator/elsewhere/other 10:00:30 status
            an outcome of an attempt from before     | 09:59:00 | taskqueue-operator/elsewhere/other 10:01:01 status
            written by a process with the same Lease | 10:01:00 | taskqueue-operator/operators/taskqueue 10:01:01 status
            written without a Lease, or by an older version | 10:01:00 | taskqueue-operator 10:01:01 status
            somebody calls herself so, without the right to status | 10:01:00 | taskqueue-operator/elsewhere/other 10:01:01
            """)
    void whatProvesNothingIsNotFound(String why, String attemptAt, String entry) {
        lead();
        detector.look(task(attempted("Succeeded", attemptAt), entry + (entry.endsWith("status") ? "" : " ")));
        assertThat(found).as(why).isEmpty();
    }

    @Test
    void aWriteIsFoundOnceAndNotWithEachLaterWriteOfOthers() {
        lead();
        detector.look(
                task(attempted("Succeeded", "10:01:00"), OTHER + " 10:01:01 status", "kubectl-annotate 10:05:00 "));
        assertThat(found).isEmpty();
    }

    @Test
    void aStandbyFindsNothing() {
        detector.look(task(attempted("Succeeded", "10:01:00"), OTHER + " 10:01:01 status"));
        detector.lead("office", Instant.parse("2026-11-21T10:00:00Z"));
        detector.look(task(attempted("Succeeded", "10:01:00"), OTHER + " 10:01:01 status"));
        assertThat(found).isEmpty();
    }

    @Test
    void theNameOfALongLeaseIsShortEnoughForTheApiServer() {
        FieldOwner longest = FieldOwner.ofLease("n".repeat(63), "l".repeat(253));
        assertThat(longest.name()).hasSize(128).startsWith("taskqueue-operator/nnn");
        assertThat(longest).isNotEqualTo(FieldOwner.ofLease("n".repeat(63), "l".repeat(252) + "m"));
        assertThat(FieldOwner.ALONE.isOfAnotherLease("taskqueue-operator")).isFalse();
    }
}

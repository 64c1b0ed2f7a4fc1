package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static dev.taskqueue.operator.testing.TestingTasks.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.engine.Journal.Entry;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletedAnnotationTest {
    private static final Instant END = Instant.parse("2026-11-21T09:00:12.345Z");
    private static final String SPEC = "{queueRef: {name: 'orders'}, httpRequest: {path: '/x', body: 'b'}}";

    @ParameterizedTest
    @EnumSource(names = {"Delivered", "RetriesExhausted", "Expired"})
    void whatIsNotedIsReadBack(Ending.Reason reason) throws IOException {
        var ending = new Ending(reason, "It ended.");
        CompletedAnnotation read = CompletedAnnotation.of(noted(ending), json(SPEC));
        assertThat(read).isEqualTo(new CompletedAnnotation(ending.isSuccess(), END));
        assertThat(Objects.requireNonNull(read).ending().reason()).isEqualTo(Ending.Reason.AlreadyCompleted);
        assertThat(read.ending().isSuccess()).isEqualTo(ending.isSuccess());
        assertThat(read.ending().message()).contains("2026-11-21T09:00:12.345Z").contains("not sent again");
    }

    @Test
    void theOrderOfFieldsDoesNotMatter() throws IOException {
        JsonNode other = json("{httpRequest: {body: 'b', path: '/x'}, queueRef: {name: 'orders'}}");
        assertThat(CompletedAnnotation.of(noted(delivered()), other)).isNotNull();
    }

    @Test
    void aJsonBodyIsPartOfTheSpec() throws IOException {
        String json = "{queueRef: {name: 'orders'}, httpRequest: {json: {a: 1.5, b: [1]}}}";
        JsonNode annotations = noted(json, delivered());
        assertThat(CompletedAnnotation.of(annotations, json(json))).isNotNull();
        assertThat(CompletedAnnotation.of(annotations, json(json.replace("[1]", "[2]"))))
                .isNull();
        String deep = "{httpRequest: {json: " + "[".repeat(9000) + "]".repeat(9000) + "}}";
        assertThat(CompletedAnnotation.of(noted(deep, delivered()), json(deep))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{queueRef: {name: 'orders'}, httpRequest: {path: '/x', body: 'c'}}",
                "{queueRef: {name: 'orders'}, httpRequest: {path: '/x'}}",
                "{queueRef: {name: 'mail'}, httpRequest: {path: '/x', body: 'b'}}",
                "{queueRef: {name: 'orders'}, delay: '1s', httpRequest: {path: '/x', body: 'b'}}"
            })
    void aTaskWithAnotherSpecIsANewOne(String spec) throws IOException {
        assertThat(CompletedAnnotation.of(noted(delivered()), json(spec))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yes",
                "{}",
                "[]",
                "{\"state\":\"Succeeded\"}",
                "{\"state\":\"Succeeded\",\"time\":\"soon\"}",
                "{\"state\":\"Queued\",\"time\":\"2026-11-21T09:00:12Z\"}"
            })
    void whatCannotBeReadSaysNothing(String value) {
        JsonNode annotations = TaskJson.MAPPER.createObjectNode().put("taskqueue.dev/completed", value);
        assertThat(CompletedAnnotation.of(annotations, json(SPEC))).isNull();
    }

    @Test
    void aYearThatNoStatusMayBearSaysNothing() throws IOException {
        ObjectNode annotations = (ObjectNode) noted(delivered());
        for (String time : List.of("+10000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z")) {
            String value = annotations.path("taskqueue.dev/completed").asText().replace(END.toString(), time);
            assertThat(CompletedAnnotation.of(annotations.deepCopy().put("taskqueue.dev/completed", value), json(SPEC)))
                    .as(time)
                    .isNull();
        }
    }

    @Test
    void whatHasNotBeenYetIsOfTheFutureUnlessTheClocksAreALittleApart() {
        var completion = new CompletedAnnotation(true, END);
        assertThat(completion.isInTheFuture(END.minusSeconds(61))).isTrue();
        assertThat(completion.isInTheFuture(END.minusSeconds(60))).isFalse();
        assertThat(completion.isInTheFuture(END)).isFalse();
    }

    @Test
    void theSameEndIsNotedOnce() throws IOException {
        String annotations = "annotations: " + noted(delivered());
        assertThat(CompletedAnnotation.patch(task("a", 2, annotations, SPEC), finished(delivered())))
                .isEmpty();
        assertThat(CompletedAnnotation.patch(
                        task("a", 2, annotations, SPEC), finished(new Ending(Ending.Reason.Expired, "."))))
                .isPresent();
    }

    @Test
    void anEndThatANoteToldIsNotNotedAgain() {
        Ending writtenStatus = new CompletedAnnotation(true, END).ending();
        assertThat(CompletedAnnotation.patch(task("a", 1, "", SPEC), finished(writtenStatus)))
                .isEmpty();
    }

    @Test
    void theNoteIsForTheVersionThatWasReadAndChangesNothingElse() throws IOException {
        JsonNode patch = patch(delivered());
        assertThat(patch.path("metadata").path("resourceVersion").asText()).isEqualTo("7");
        assertThat(patch.properties()).hasSize(1);
        assertThat(patch.path("metadata").properties()).hasSize(2);
        assertThat(patch.toString()).doesNotContain("path");
    }

    private static Ending delivered() {
        return new Ending(Ending.Reason.Delivered, "The worker answered 200.");
    }

    private static Entry.Finished finished(Ending ending) {
        return new Entry.Finished(AttemptHistory.NONE, ending, END);
    }

    private static JsonNode noted(Ending ending) throws IOException {
        return patch(ending).path("metadata").path("annotations");
    }

    private static JsonNode noted(String spec, Ending ending) throws IOException {
        return TaskJson.MAPPER
                .readTree(CompletedAnnotation.patch(task("a", 7, "", spec), finished(ending))
                        .orElseThrow())
                .path("metadata")
                .path("annotations");
    }

    private static JsonNode patch(Ending ending) throws IOException {
        return TaskJson.MAPPER.readTree(CompletedAnnotation.patch(task("a", 7, "", SPEC), finished(ending))
                .orElseThrow());
    }
}

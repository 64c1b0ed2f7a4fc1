package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueRulesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"deadLetter": {"queueRef": {"name": "q"}}} | NotSupportedYet | spec.deadLetter is not supported by this version of the operator: remove it.
            {"httpTarget": {"secretHeaders": []}}       | NotSupportedYet | spec.httpTarget.secretHeaders is not supported by this version of the operator: remove it.
            {"httpTarget": {"tls": {}}}                 | NotSupportedYet | spec.httpTarget.tls is not supported by this version of the operator: remove it.
            {"purgeBefore": "2026-11-21T23:59:60Z"}     | InvalidSpec     | spec.purgeBefore is no RFC 3339 time: write it like 2026-11-20T00:00:00Z, or remove it.
            {"retry": {"minBackoff": "2h"}}             | InvalidSpec     | retry.maxBackoff is below retry.minBackoff: raise it
            """)
    void whatCannotBeServedSaysWhatToChange(String spec, Reason reason, String sentence)
            throws JsonProcessingException {
        assertThat(QueueRules.judge(read(spec), false)).isEqualTo(new Judgement.Bad(reason, sentence));
    }

    @Test
    void whatCanBeServedComesWithItsSettings() throws JsonProcessingException {
        assertThat(QueueRules.judge(read("{\"httpTarget\": {}}"), true))
                .isInstanceOfSatisfying(
                        Judgement.Good.class,
                        good -> assertThat(good.profile().settings().paused()).isTrue());
        assertThat(QueueRules.judge(read("{\"purgeBefore\": \"2026-11-21T09:00:00+01:00\"}"), false))
                .isInstanceOfSatisfying(
                        Judgement.Good.class,
                        good -> assertThat(good.profile().settings().paused()).isFalse());
    }

    private static TaskQueueSpec read(String json) throws JsonProcessingException {
        return new ObjectMapper().readValue(json, TaskQueueSpec.class);
    }
}

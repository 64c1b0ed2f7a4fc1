package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueRulesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"purgeBefore": "2026-11-21T23:59:60Z"}     | InvalidSpec     | spec.purgeBefore is no RFC 3339 time: write it like 2026-11-20T00:00:00Z, or remove it.
            {"httpTarget": {"tls": {"serverName": "10.0.0.1"}}} | InvalidSpec | spec.httpTarget.tls.serverName is no DNS name: write the one that the target's certificate carries.
            {"httpTarget": {"tls": {"caFrom": {}}}}     | InvalidSpec | spec.httpTarget.tls.caFrom must have one of configMapKeyRef and secretKeyRef, with name and key: name one.
            {"httpTarget": {"secretHeaders": [{"name": "X-A"}]}} | InvalidSpec | spec.httpTarget.secretHeaders: Header X-A has no secretKeyRef; name a Secret and its key.
            {"deadLetter": {"queueRef": {"name": "orders"}}} | DeadLetterChain | spec.deadLetter.queueRef names this queue itself: name another TaskQueue, or remove it.
            {"deadLetter": {"queueRef": {"name": "sender"}}} | DeadLetterChain | TaskQueue sender, which spec.deadLetter.queueRef names, has a deadLetter itself: remove it there, or name another TaskQueue here.
            {"retry": {"minBackoff": "2h"}, "deadLetter": {"queueRef": {"name": "orders"}}} | InvalidSpec | retry.maxBackoff is below retry.minBackoff: raise it
            {"retry": {"minBackoff": "2h"}}             | InvalidSpec     | retry.maxBackoff is below retry.minBackoff: raise it
            """)
    void whatCannotBeServedSaysWhatToChange(String spec, Reason reason, String sentence)
            throws JsonProcessingException {
        assertThat(judge(spec, false)).isEqualTo(new Judgement.Invalid(reason, sentence));
    }

    @Test
    void whatCanBeServedComesWithItsSettings() throws JsonProcessingException {
        assertThat(judge("{\"httpTarget\": {}}", true))
                .isInstanceOfSatisfying(
                        Judgement.Valid.class,
                        good -> assertThat(good.profile().settings().paused()).isTrue());
        assertThat(judge("{\"purgeBefore\": \"2026-11-21T09:00:00+01:00\"}", false))
                .isInstanceOfSatisfying(
                        Judgement.Valid.class,
                        good -> assertThat(good.profile().settings().paused()).isFalse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing-or-ends-there", "elsewhere"})
    void aDeadLetterQueueThatSendsNothingOnIsFine(String name) throws JsonProcessingException {
        assertThat(judge("{\"deadLetter\": {\"queueRef\": {\"name\": \"%s\"}}}".formatted(name), false))
                .isInstanceOfSatisfying(
                        Judgement.Valid.class,
                        good -> assertThat(good.profile().deadLetterQueue()).isEqualTo(name));
    }

    /** Queue shop/orders. Beside it are queue shop/sender and queue other/elsewhere, which have a deadLetter. */
    private static Judgement judge(String json, boolean held) throws JsonProcessingException {
        Set<QueueId> senders = Set.of(new QueueId("shop", "sender"), new QueueId("other", "elsewhere"));
        return QueueRules.judge(
                new QueueId("shop", "orders"),
                new ObjectMapper().readValue(json, TaskQueueSpec.class),
                held,
                senders::contains);
    }
}

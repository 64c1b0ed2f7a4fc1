package dev.taskqueue.operator.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.batch.BatchOutlook;
import dev.taskqueue.operator.batch.BatchProgress;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.BatchStatusWriter;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingRetries;
import java.io.IOException;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What has become of one write of a status. The API server refuses a patch whose tests fail with 422. */
class BatchWriterTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
    private static final String UID = TestingBatches.UID;
    private static final String REFUSED = "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"code\":422}";

    private final TestingApiServer server = new TestingApiServer();
    private final AtomicReference<Fence.Outcomes> outcomes = new AtomicReference<>(new Fence.Outcomes.All());
    private final Fence fence = new Fence() {
        @Override
        public boolean isOpen() {
            return outcomes.get() instanceof Fence.Outcomes.All;
        }

        @Override
        public Outcomes outcomes() {
            return outcomes.get();
        }
    };
    private final ApiClient api = server.api();
    private final TestingRetries retries = new TestingRetries();
    private final BatchWriter writer = new BatchWriter(api, new BatchRequests(api), fence, retries.retries(() -> NOW));
    private final BatchRecord record =
            new BatchRecord(BatchReader.read(TestingBatches.json("b", "count: 2")), new BatchProgress(2), 0);
    private final BatchWriter.Commit commit = commit();

    BatchWriterTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** Item 0 of two has succeeded; the status before had revision 4. */
    private static BatchWriter.Commit commit() {
        var progress = new BatchProgress(2);
        progress.committed(4);
        AttemptHistory history = AttemptHistory.NONE.plus(NOW, NOW, NOW, Outcome.Answered.of(200));
        progress.note(0, null, new Journal.Entry.Finished(history, new Ending(Ending.Reason.Delivered, "200."), NOW));
        return new BatchWriter.Commit(
                4, BatchStatusWriter.status(progress, BatchOutlook.at(NOW)), Set.of(0), new BitSet(), new BitSet());
    }

    private BatchWriter.Result write() {
        return writer.commit(record, commit, new BitSet());
    }

    private static String object(String uid, ObjectNode status) {
        ObjectNode object = TaskJson.MAPPER.createObjectNode();
        object.putObject("metadata")
                .put("namespace", "shop")
                .put("name", "b")
                .put("uid", uid)
                .put("resourceVersion", "77");
        object.set("status", status);
        return object.toString();
    }

    @Test
    void aWriteThatIsAcknowledgedIsIn() throws Exception {
        server.then(200, object(UID, commit.status()));
        assertThat(write()).isEqualTo(new BatchWriter.Result.Written(77));
        TestingApiServer.Request patch = server.request();
        assertThat(patch.method()).isEqualTo("PATCH");
        assertThat(patch.body())
                .contains("{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"" + UID + "\"}")
                .contains("{\"op\":\"test\",\"path\":\"/status/revision\",\"value\":4}");
    }

    @Test
    void aWriteWhoseAnswerWasLostIsFoundAndSentOnce() {
        server.then(422, REFUSED).then(200, object(UID, commit.status()));
        assertThat(write()).isEqualTo(new BatchWriter.Result.Written(77));
    }

    @Test
    void anotherLeadersWriteIsHandedOver() {
        ObjectNode theirs = commit.status().deepCopy().put("succeeded", "1");
        server.then(422, REFUSED).then(200, object(UID, theirs));
        assertThat(write())
                .isInstanceOfSatisfying(
                        BatchWriter.Result.Overtaken.class,
                        overtaken -> assertThat(overtaken
                                        .object()
                                        .at("/status/succeeded")
                                        .asText())
                                .isEqualTo("1"));
    }

    /** The former leader tells that item 1 is to be retried, this one that item 0 has succeeded: neither sets of items has changed. */
    @Test
    void anotherLeadersRetriesAreNotTakenForOwnOnes() {
        ObjectNode theirs = commit.status().deepCopy();
        theirs.putObject("retries").put("0", "1:1/1/0@0+1000!503");
        server.then(422, REFUSED).then(200, object(UID, theirs));
        assertThat(write()).isInstanceOf(BatchWriter.Result.Overtaken.class);
    }

    @Test
    void aRefusalOfTheStatusItselfIsNotThatOfItsTest() {
        server.then(422, REFUSED)
                .then(200, object(UID, commit.status().deepCopy().put("revision", 4)));
        assertThat(write()).isInstanceOf(BatchWriter.Result.Refused.class);
    }

    @Test
    void anAnswerOfAProxyDecidesNothing() {
        server.then(422, REFUSED).then(200, "{\"metadata\":{}}");
        assertThat(write()).isInstanceOf(BatchWriter.Result.RetryLater.class);
    }

    @Test
    void anotherObjectOfTheNameGetsNothing() {
        server.then(422, REFUSED).then(200, object("uid-other", commit.status()));
        assertThat(write()).isEqualTo(new BatchWriter.Result.Gone());
    }

    @Test
    void aDeletedObjectIsGone() {
        server.then(404, "{}");
        assertThat(write()).isEqualTo(new BatchWriter.Result.Gone());
    }

    @Test
    void aProcessThatDoesNotLeadSendsNothing() {
        outcomes.set(new Fence.Outcomes.None());
        assertThat(write()).isEqualTo(new BatchWriter.Result.Fenced());
        outcomes.set(new Fence.Outcomes.Later());
        assertThat(write()).isInstanceOf(BatchWriter.Result.RetryLater.class);
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void afterTheLeaseNothingElseIsWritten() {
        outcomes.set(new Fence.Outcomes.OfClaims("me"));
        var waiting = new BatchWriter.Commit(4, commit.status(), Set.of(), new BitSet(), new BitSet());
        assertThat(writer.commit(record, waiting, new BitSet())).isEqualTo(new BatchWriter.Result.Fenced());
        assertThat(writer.createTask(record, "{}")).isEqualTo(new WriteAnswer.Fenced());
        assertThat(server.hasRequests()).isFalse();
    }

    @Test
    void aLostAnswerIsLookedUp() {
        server.then(answer -> answer.reset()).then(200, object(UID, commit.status()));
        assertThat(write()).isEqualTo(new BatchWriter.Result.Written(77));
    }

    @Test
    void theNextStatusOfAnotherLeaderIsNotOurs() {
        ObjectNode theirs = commit.status().deepCopy().put("revision", 6);
        server.then(422, REFUSED).then(200, object(UID, theirs));
        assertThat(write()).isInstanceOf(BatchWriter.Result.Overtaken.class);
    }

    @Test
    void afterTheLeaseOnlyOutcomesOfOwnClaimsAreWritten() {
        outcomes.set(new Fence.Outcomes.OfClaims("me"));
        assertThat(write()).isEqualTo(new BatchWriter.Result.Fenced());
        server.then(200, object(UID, commit.status()));
        var claimed = new BitSet();
        claimed.set(0);
        assertThat(writer.commit(record, commit, claimed)).isEqualTo(new BatchWriter.Result.Written(77));
    }

    /** The patch is refused with 422 in both cases. Only the second one is a refusal that people have to know of. */
    @Test
    void aFailedTestOfThePatchIsNotCountedAsARefusal() {
        server.then(422, REFUSED).then(200, object(UID, commit.status()));
        write();
        assertThat(retries.answers()).isEqualTo(Map.of("batch-status written", 1));
        server.then(422, REFUSED)
                .then(200, object(UID, commit.status().deepCopy().put("revision", 4)));
        write();
        assertThat(retries.answers()).isEqualTo(Map.of("batch-status written", 1, "batch-status refused", 1));
    }
}

package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.testing.AccountTokens;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server refuses to a producer, the gateway refuses in the same words: quotas, policies, tokens that are over. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class RefusedCallsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";
    private static final String TIGHT = "projects/tight/locations/us-central1/queues/orders";
    private static final String MAPPING = """
            namespaces:
            - {project: demo, location: "*", namespace: shop}
            - {project: tight, location: "*", namespace: tight}
            oidc: [{namespace: shop, email: sa@demo.iam.gserviceaccount.com, serviceAccount: task-dispatcher}]
            """;
    private static final String OBJECTS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: tight}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: producer, namespace: tight}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: taskqueue-enqueuer}
            subjects: [{kind: ServiceAccount, name: producer, namespace: shop}]
            ---
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: few, namespace: tight}
            spec: {hard: {count/tasks.taskqueue.dev: "1"}}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: task-dispatcher, namespace: shop}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders, namespace: shop}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: orders, namespace: tight}
            """;
    private static final String ACT_AS = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: act-as, namespace: shop}
            rules: [{apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [task-dispatcher], verbs: [create]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: act-as, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: act-as}
            subjects: [{kind: ServiceAccount, name: producer, namespace: shop}]
            """;

    private static RealCluster cluster;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        cluster = RealCluster.ofChart();
        cluster.apply(OBJECTS);
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    private static CloudTasksBlockingStub producer() {
        return gateway.tasks(cluster.tokenFor("shop", "producer", TestGateway.AUDIENCE));
    }

    private static CreateTaskRequest plain(String queue) {
        return request(queue, HttpRequest.newBuilder().setUrl("http://order-worker/"));
    }

    private static CreateTaskRequest request(String queue, HttpRequest.Builder http) {
        return CreateTaskRequest.newBuilder()
                .setParent(queue)
                .setTask(Task.newBuilder().setHttpRequest(http))
                .build();
    }

    private static Status refusal(CloudTasksBlockingStub caller, CreateTaskRequest request) {
        var failure = catchThrowableOfType(StatusRuntimeException.class, () -> caller.createTask(request));
        return failure == null ? Status.OK : failure.getStatus();
    }

    @Test
    void aQuotaThatIsUsedUpIsAResourceThatIsExhausted() {
        // No controller runs that would count.
        cluster.kubectl(
                "-n",
                "tight",
                "patch",
                "resourcequota",
                "few",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"hard\":{\"count/tasks.taskqueue.dev\":\"1\"},\"used\":{\"count/tasks.taskqueue.dev\":\"0\"}}}");
        CloudTasksBlockingStub producer = producer();
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            Status status = refusal(producer, plain(TIGHT));
            assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(status.getDescription()).contains("exceeded quota: few").contains("count/tasks.taskqueue.dev=1");
        });
        assertThat(cluster.kubectl("-n", "tight", "get", "tasks.taskqueue.dev", "-o", "name"))
                .hasLineCount(1);
    }

    @Test
    void aProducerSendsAsAnAccountOnlyIfItMayHaveItsTokens() {
        CloudTasksBlockingStub producer = producer();
        CreateTaskRequest withToken = request(
                QUEUE,
                HttpRequest.newBuilder()
                        .setUrl("http://order-worker/")
                        .setOidcToken(
                                OidcToken.newBuilder().setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")));
        // A policy is in force a moment after it was created.
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            Status status = refusal(producer, withToken);
            assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(status.getDescription())
                    .contains(
                            "system:serviceaccount:shop:producer may not have requests sent as ServiceAccount task-dispatcher");
        });
        cluster.apply(ACT_AS);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(refusal(producer, withToken).getCode()).isEqualTo(Status.Code.OK));
    }

    @ParameterizedTest
    @CsvSource({"X-Note, 'a\r\nX-Evil: 1'", "'X-Note\r\nX-Evil', a", "'X Note', a", "X-Note, 'a\u0000b'"})
    void aHeaderThatWouldBecomeTwoIsNoHeader(String name, String value) {
        Status status = refusal(
                producer(),
                request(
                        QUEUE,
                        HttpRequest.newBuilder().setUrl("http://order-worker/").putHeaders(name, value)));
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    /** The API server repeats the value in its sentence and in its causes. */
    @Test
    void aLongValueThatIsRefusedIsAnsweredAndNotCutOff() {
        CreateTaskRequest wrong = request(
                QUEUE,
                HttpRequest.newBuilder()
                        .setUrl("http://order-worker/")
                        .setOidcToken(OidcToken.newBuilder()
                                .setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")
                                .setAudience("\u00e9".repeat(1_000))));
        Status status = refusal(producer(), wrong);
        assertThat(status.getCode()).as("%s", status).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("spec.httpRequest.serviceAccountToken.audience");
    }

    @Test
    void aTokenThatHasExpiredIsNoCredential() {
        String uid =
                cluster.kubectl("-n", "shop", "get", "serviceaccount", "producer", "-o", "jsonpath={.metadata.uid}");
        var tokens = new AccountTokens(cluster.tokenKey());
        String valid = tokens.sign(
                "shop", "producer", uid, TestGateway.AUDIENCE, Instant.now().plusSeconds(600));
        String expired = tokens.sign(
                "shop", "producer", uid, TestGateway.AUDIENCE, Instant.now().minusSeconds(600));
        assertThat(refusal(gateway.tasks(valid), plain(QUEUE)).getCode()).isEqualTo(Status.Code.OK);
        assertThat(refusal(gateway.tasks(expired), plain(QUEUE)).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void anAccountThatWasDeletedIsRefusedOnceItsTokenIsReviewedAgain() {
        cluster.kubectl("-n", "shop", "create", "serviceaccount", "short-lived");
        String token = cluster.tokenFor("shop", "short-lived", TestGateway.AUDIENCE);
        try (var forgetful = new TestGateway(
                cluster.gatewayTransport(),
                () -> TestGateway.rules(MAPPING),
                TestGateway.settings(Duration.ofSeconds(1)))) {
            // It is known, and may nothing.
            assertThat(refusal(forgetful.tasks(token), plain(QUEUE)).getCode())
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
            cluster.kubectl("-n", "shop", "delete", "serviceaccount", "short-lived");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(refusal(forgetful.tasks(token), plain(QUEUE))
                                    .getCode())
                            .isEqualTo(Status.Code.UNAUTHENTICATED));
        }
    }
}

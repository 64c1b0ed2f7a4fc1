package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.taskqueue.operator.testing.ApiRequests;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.Stage;
import dev.taskqueue.operator.testing.Told;
import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of ServiceAccounts as a handler can verify them, and what the operator's own account needs to be allowed. */
class TokenDeliveryIT {
    private static final String TOKEN = "serviceAccountToken: {serviceAccountName: caller%s}";

    @AutoClose
    private final Stage stage = new Stage();

    private final RecordingWorker worker = stage.worker("worker");

    @BeforeEach
    void createAccount() {
        stage.plane().createServiceAccount(stage.namespace(), "caller");
        stage.queue("orders", "{retry: {minBackoff: 10ms}, retention: {failed: 0s}}");
    }

    @Test
    void theHandlerCanVerifyWhoCallsAndThatItIsMeant() throws Exception {
        stage.operator();
        JWTClaimsSet claims = verified(deliver("a", TOKEN.formatted("")));
        assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:" + stage.namespace() + ":caller");
        assertThat(claims.getAudience()).containsExactly("http://worker." + stage.namespace() + ".svc");
        assertThat(verified(deliver("b", TOKEN.formatted(", audience: 'https://orders.example.com'")))
                        .getAudience())
                .containsExactly("https://orders.example.com");
    }

    @Test
    void aTokenIsUsedAgainAndWinsOverTheQueuesHeader() {
        stage.queue("other", "{httpTarget: {headers: {Authorization: of the queue}}}");
        stage.operator();
        long before = minted();
        String first = deliver("a", TOKEN.formatted("")).header("Authorization");
        String second = deliver("b", TOKEN.formatted("")).header("Authorization");
        stage.task(
                "c",
                "{queueRef: {name: other}, httpRequest: {serviceRef: {name: worker}, %s}}"
                        .formatted(TOKEN.formatted("")));
        stage.awaitState("c", "Succeeded");
        assertThat(first).startsWith("Bearer ").isEqualTo(second);
        assertThat(worker.received("c").getFirst().header("Authorization")).isEqualTo(first);
        assertThat(minted() - before).isEqualTo(1);
    }

    @Test
    void theApiServersOwnAudienceIsNeverMinted() {
        stage.operator();
        stage.task("a", request(TOKEN.formatted(", audience: 'https://kubernetes.default.svc.cluster.local'")));
        assertThat(Told.message(stage.awaitReason("a", "TokenNotPermitted"))).contains("name another audience");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void anAccountWithTheLeastPermissionsGoesTheWholeRoadAndIsDeniedNothing() {
        stage.grantLeast();
        long denied = ApiRequests.of(stage.plane()).answered(403);
        try (KubernetesClient account = stage.account()) {
            stage.operator(account);
            worker.codes(503, 200);
            deliver("retried", TOKEN.formatted(""));
            stage.patchQueue("orders", "{spec: {deadLetter: {queueRef: {name: none}}}}");
            stage.task(
                    "expired",
                    "{queueRef: {name: orders}, delay: 1h, expireTime: '2026-01-01T00:00:00Z', httpRequest: {}}");
            stage.awaitGone("expired");
            stage.task("later", "{queueRef: {name: orders}, delay: 2s, httpRequest: {serviceRef: {name: worker}}}");
            stage.awaitState("later", "Scheduled");
            stage.patchQueue("orders", "{spec: {state: Paused}}");
            stage.awaitQueueState("orders", "Paused");
            stage.patchQueue("orders", "{spec: {state: Running, retention: {succeeded: 0s}}}");
            stage.awaitGone("retried");
            stage.awaitGone("later");
            stage.stopLast();
        }
        assertThat(ApiRequests.of(stage.plane()).answered(403)).isEqualTo(denied);
    }

    @Test
    void withoutThePermissionToMintTheTaskSaysWhatToGrant() {
        stage.grantLeast();
        stage.kubectl("delete", "role", "operator-tokens");
        try (KubernetesClient account = stage.account()) {
            stage.operator(account);
            stage.task("a", request(TOKEN.formatted("")));
            assertThat(Told.message(stage.awaitReason("a", "TokenNotPermitted")))
                    .contains("create on serviceaccounts/token with resourceNames [caller]");
            stage.task("neighbour", request(""));
            stage.awaitState("neighbour", "Succeeded");
            assertThat(worker.tasks()).containsExactly("neighbour");
            stage.grantLeast();
            stage.awaitState("a", "Succeeded");
            assertThat(verifiedSubject(worker.received("a").getFirst())).endsWith(":caller");
            stage.stopLast();
        }
    }

    private long minted() {
        return stage.plane()
                .metrics()
                .lines()
                .filter(line -> line.startsWith("apiserver_request_total{")
                        && line.contains("resource=\"serviceaccounts\"")
                        && line.contains("subresource=\"token\""))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private Received deliver(String name, String request) {
        stage.task(name, request(request));
        stage.awaitState(name, "Succeeded");
        return worker.received(name).getLast();
    }

    private static String request(String more) {
        return "{queueRef: {name: orders}, httpRequest: {serviceRef: {name: worker}%s}}"
                .formatted(more.isEmpty() ? "" : ", " + more);
    }

    private String verifiedSubject(Received request) {
        try {
            return verified(request).getSubject();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** What the token says, once the cluster's published keys vouch for it. */
    private JWTClaimsSet verified(Received request) throws Exception {
        SignedJWT jwt = SignedJWT.parse(request.header("Authorization").substring("Bearer ".length()));
        var key = JWKSet.parse(stage.plane().client().raw("/openid/v1/jwks"))
                .getKeyByKeyId(jwt.getHeader().getKeyID());
        assertThat(jwt.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
        return jwt.getJWTClaimsSet();
    }
}

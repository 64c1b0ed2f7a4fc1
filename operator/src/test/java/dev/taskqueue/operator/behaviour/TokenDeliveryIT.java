package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of ServiceAccounts that a handler can verify, and the permissions that the operator's own account needs for them. */
class TokenDeliveryIT {
    private static final String TOKEN = "serviceAccountToken: {serviceAccountName: caller%s}";

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private final RecordingWorker worker = cluster.worker("worker");

    @BeforeEach
    void createAccount() {
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        cluster.queue("orders", "{retry: {minBackoff: 10ms}, retention: {failed: 0s}}");
    }

    @Test
    void theHandlerCanVerifyWhoCallsAndThatItIsMeant() throws Exception {
        cluster.operator();
        JWTClaimsSet claims = verified(deliver("a", TOKEN.formatted("")));
        assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:" + cluster.namespace() + ":caller");
        assertThat(claims.getAudience()).containsExactly("http://worker." + cluster.namespace() + ".svc");
        assertThat(verified(deliver("b", TOKEN.formatted(", audience: 'https://orders.example.com'")))
                        .getAudience())
                .containsExactly("https://orders.example.com");
    }

    @Test
    void aTokenIsUsedAgainAndWinsOverTheQueuesHeader() {
        cluster.queue("other", "{httpTarget: {headers: {Authorization: of the queue}}}");
        cluster.operator();
        long before = minted();
        String first = deliver("a", TOKEN.formatted("")).header("Authorization");
        String second = deliver("b", TOKEN.formatted("")).header("Authorization");
        cluster.task(
                "c",
                "{queueRef: {name: other}, httpRequest: {serviceRef: {name: worker}, %s}}"
                        .formatted(TOKEN.formatted("")));
        cluster.awaitState("c", "Succeeded");
        assertThat(first).startsWith("Bearer ").isEqualTo(second);
        assertThat(worker.received("c").getFirst().header("Authorization")).isEqualTo(first);
        assertThat(minted() - before).isEqualTo(1);
    }

    @Test
    void theApiServersOwnAudienceIsNeverMinted() {
        cluster.operator();
        cluster.task("a", request(TOKEN.formatted(", audience: 'https://kubernetes.default.svc.cluster.local'")));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "TokenNotPermitted")))
                .contains("name another audience");
        assertThat(worker.received()).isEmpty();
    }

    @Test
    void withoutThePermissionToMintTheTaskSaysWhatToGrant() {
        cluster.account().withhold("taskqueue-tokens");
        cluster.operator();
        cluster.task("a", request(TOKEN.formatted("")));
        assertThat(StatusConditions.message(cluster.awaitReason("a", "TokenNotPermitted")))
                .contains("create on serviceaccounts/token with resourceNames [caller]");
        cluster.task("neighbour", request(""));
        cluster.awaitState("neighbour", "Succeeded");
        assertThat(worker.tasks()).containsExactly("neighbour");
        cluster.account().giveBack("taskqueue-tokens");
        cluster.awaitState("a", "Succeeded");
        assertThat(verifiedSubject(worker.received("a").getFirst())).endsWith(":caller");
    }

    @Test
    void anAccountThatIsMadeAnewIsKnownWithinHalfAMinute() throws Exception {
        cluster.operator();
        String former = uid(deliver("a", TOKEN.formatted("")));
        cluster.kubectl("delete", "serviceaccount", "caller");
        cluster.plane().createServiceAccount(cluster.namespace(), "caller");
        String present = cluster.kubectl("get", "serviceaccount", "caller", "-o", "jsonpath={.metadata.uid}");
        assertThat(present).isNotEqualTo(former);
        var number = new AtomicInteger();
        await().atMost(TestCluster.PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(uid(deliver("b" + number.getAndIncrement(), TOKEN.formatted(""))))
                        .isEqualTo(present));
    }

    @Test
    void aTokenThatTheHandlerRefusesIsNotShownToItAgain() {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        // The worker answers like a handler whose TokenReview reports that the account of this token is gone.
        worker.script(request -> {
            seen.add(request.header("Authorization"));
            return Answer.of(seen.size() < 2 ? 401 : 200);
        });
        cluster.queue("patient", "{retry: {minBackoff: 6s}}");
        cluster.operator();
        cluster.task(
                "a",
                "{queueRef: {name: patient}, httpRequest: {serviceRef: {name: worker}, %s}}"
                        .formatted(TOKEN.formatted("")));
        cluster.awaitState("a", "Succeeded");
        assertThat(seen).hasSize(2);
    }

    private String uid(Received request) throws Exception {
        var kubernetes = verified(request).getJSONObjectClaim("kubernetes.io");
        return String.valueOf(((Map<?, ?>) Objects.requireNonNull(kubernetes.get("serviceaccount"))).get("uid"));
    }

    private long minted() {
        return cluster.account().requests().count("create", "serviceaccounts/token");
    }

    private Received deliver(String name, String request) {
        cluster.task(name, request(request));
        cluster.awaitState(name, "Succeeded");
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

    /** The claims of the token, after its signature was checked with the cluster's published keys. */
    private JWTClaimsSet verified(Received request) throws Exception {
        SignedJWT jwt = SignedJWT.parse(request.header("Authorization").substring("Bearer ".length()));
        var key = JWKSet.parse(cluster.plane().client().raw("/openid/v1/jwks"))
                .getKeyByKeyId(jwt.getHeader().getKeyID());
        assertThat(jwt.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
        return jwt.getJWTClaimsSet();
    }
}

package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.OperatorAccount;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenRequesterIT {
    private static final String AUDIENCE = "http://worker.shop.svc";

    private static final ControlPlane plane = ControlPlane.shared();

    private final String namespace = plane.newNamespace();
    private final OperatorAccount account = OperatorAccount.install(plane, namespace);
    private final KubernetesClient operator = plane.client(account.kubeconfig());
    private final TokenRequester tokens = new TokenRequester(new TokenSource.Kubernetes(operator), System::nanoTime);

    @BeforeEach
    void createCaller() {
        plane.createServiceAccount(namespace, "caller");
    }

    @AfterEach
    void close() {
        operator.close();
        account.assertSufficed();
    }

    @Test
    void theClusterVouchesForTheAccountTowardsOneAudience() throws Exception {
        SignedJWT jwt = SignedJWT.parse(token());
        var key = JWKSet.parse(plane.client().raw("/openid/v1/jwks"))
                .getKeyByKeyId(jwt.getHeader().getKeyID());
        assertThat(jwt.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getAudience()).containsExactly(AUDIENCE);
        assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:" + namespace + ":caller");
        assertThat(Duration.between(
                        claims.getIssueTime().toInstant(),
                        claims.getExpirationTime().toInstant()))
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aTokenIsKept() {
        assertThat(tokens.token(namespace, "caller", AUDIENCE))
                .isInstanceOf(TokenGrant.Granted.class)
                .isEqualTo(tokens.token(namespace, "caller", AUDIENCE));
    }

    @Test
    void anAccountThatDoesNotExistIsToldAsSuch() {
        plane.kubectl("delete", "serviceaccount", "caller", "-n", namespace);
        assertThat(denied(tokens.token(namespace, "caller", AUDIENCE)).message())
                .isEqualTo("ServiceAccount " + namespace + "/caller does not exist: create it.");
    }

    @Test
    void withoutPermissionItSaysWhatToGrantAndThatHelps() {
        account.withhold("taskqueue-tokens");
        Obstacle obstacle = denied(tokens.token(namespace, "caller", AUDIENCE));
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.TokenNotPermitted);
        assertThat(obstacle.message())
                .contains("create on serviceaccounts/token with resourceNames [caller] in namespace " + namespace);
        account.giveBack("taskqueue-tokens");
        // The API server's authorizer learns of the new right through its own watch.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(tokens.token(namespace, "caller", AUDIENCE)).isInstanceOf(TokenGrant.Granted.class));
    }

    @Test
    void theAudienceOfTheOperatorsOwnTokenIsNeverMinted() throws Exception {
        String own = SignedJWT.parse(operator.getConfiguration().getAutoOAuthToken())
                .getJWTClaimsSet()
                .getAudience()
                .getFirst();
        assertThat(denied(tokens.token(namespace, "caller", own)).message()).contains("name another audience");
    }

    private String token() {
        TokenGrant grant = tokens.token(namespace, "caller", AUDIENCE);
        assertThat(grant).isInstanceOf(TokenGrant.Granted.class);
        return ((TokenGrant.Granted) grant).token();
    }

    private static Obstacle denied(TokenGrant grant) {
        assertThat(grant).isInstanceOf(TokenGrant.Denied.class);
        return ((TokenGrant.Denied) grant).obstacle();
    }
}

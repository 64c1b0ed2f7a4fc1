package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokensIT {
    private static final String AUDIENCE = "http://worker.shop.svc";

    private static final ControlPlane plane = ControlPlane.shared();

    private final String namespace = plane.newNamespace();

    @BeforeEach
    void createAccounts() {
        plane.createServiceAccount(namespace, "caller");
        plane.createServiceAccount(namespace, "limited");
    }

    @Test
    void theClusterVouchesForTheAccountTowardsOneAudience() throws Exception {
        SignedJWT jwt = SignedJWT.parse(token(plane.client()));
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
        var tokens = new Tokens(plane.client(), InstantSource.system());
        assertThat(tokens.token(namespace, "caller", AUDIENCE))
                .isInstanceOf(Tokens.Grant.Granted.class)
                .isEqualTo(tokens.token(namespace, "caller", AUDIENCE));
    }

    @Test
    void anAccountThatDoesNotExistIsToldAsSuch() {
        var tokens = new Tokens(plane.client(), InstantSource.system());
        assertThat(denied(tokens.token(namespace, "nobody", AUDIENCE)).message())
                .isEqualTo("ServiceAccount " + namespace + "/nobody does not exist: create it.");
    }

    @Test
    void withoutPermissionItSaysWhatToGrantAndThatHelps() {
        try (KubernetesClient limited = plane.client(plane.kubeconfig(namespace, "limited"))) {
            var tokens = new Tokens(limited, InstantSource.system());
            Obstacle obstacle = denied(tokens.token(namespace, "caller", AUDIENCE));
            assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.TokenNotPermitted);
            assertThat(obstacle.message())
                    .contains("create on serviceaccounts/token with resourceNames [caller] in namespace " + namespace);
            plane.kubectl(
                    "create",
                    "role",
                    "mint",
                    "-n",
                    namespace,
                    "--verb=create",
                    "--resource=serviceaccounts/token",
                    "--resource-name=caller");
            plane.kubectl(
                    "create",
                    "rolebinding",
                    "mint",
                    "-n",
                    namespace,
                    "--role=mint",
                    "--serviceaccount=" + namespace + ":limited");
            // The API server's authorizer learns of a new binding through a watch of its own.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(tokens.token(namespace, "caller", AUDIENCE))
                            .isInstanceOf(Tokens.Grant.Granted.class));
            assertThat(tokens.token(namespace, "limited", AUDIENCE)).isInstanceOf(Tokens.Grant.Denied.class);
        }
    }

    @Test
    void theAudienceOfTheOperatorsOwnTokenIsNeverMinted() throws Exception {
        String kubeconfig = plane.kubeconfig(namespace, "limited");
        try (KubernetesClient operator = plane.client(kubeconfig)) {
            String own = SignedJWT.parse(operator.getConfiguration().getAutoOAuthToken())
                    .getJWTClaimsSet()
                    .getAudience()
                    .getFirst();
            var tokens = new Tokens(operator, InstantSource.system());
            assertThat(denied(tokens.token(namespace, "caller", own)).message()).contains("name another audience");
        }
    }

    private String token(KubernetesClient client) {
        Tokens.Grant grant = new Tokens(client, InstantSource.system()).token(namespace, "caller", AUDIENCE);
        assertThat(grant).isInstanceOf(Tokens.Grant.Granted.class);
        return ((Tokens.Grant.Granted) grant).token();
    }

    private static Obstacle denied(Tokens.Grant grant) {
        assertThat(grant).isInstanceOf(Tokens.Grant.Denied.class);
        return ((Tokens.Grant.Denied) grant).obstacle();
    }
}

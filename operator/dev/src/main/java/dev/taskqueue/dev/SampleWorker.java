package dev.taskqueue.dev;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A handler as a shop would write it, for {@code samples/orders}. The path decides how it behaves: {@code /tasks/invoice} requires a token and checks
 * it, {@code /tasks/reserve-stock} is unavailable the first two times, {@code /tasks/loyalty-points} always fails. Every other path answers 200.
 */
final class SampleWorker implements AutoCloseable {
    private static final int FAILURES_FIRST = 2;
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int SERVER_ERROR = 500;
    private static final int UNAVAILABLE = 503;
    private static final int BACKLOG = 1024;

    private final HttpServer server;
    private final Supplier<String> jwks;
    private final InstantSource clock;

    /** @param jwks the API server's public keys, as it serves them at {@code /openid/v1/jwks} */
    SampleWorker(Supplier<String> jwks, InstantSource clock) throws IOException {
        this.jwks = jwks;
        this.clock = clock;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(answer(exchange), -1);
        }
    }

    private int answer(HttpExchange exchange) {
        return switch (exchange.getRequestURI().getPath()) {
            case "/tasks/invoice" -> isFromOurOperator(exchange) ? OK : UNAUTHORIZED;
            case "/tasks/reserve-stock" -> retries(exchange) < FAILURES_FIRST ? UNAVAILABLE : OK;
            case "/tasks/loyalty-points" -> SERVER_ERROR;
            default -> OK;
        };
    }

    private static int retries(HttpExchange exchange) {
        String count = exchange.getRequestHeaders().getFirst("X-CloudTasks-TaskRetryCount");
        return count == null ? 0 : Integer.parseInt(count);
    }

    /** Whether the token is signed by the cluster, meant for this Service, not expired, and issued to the account that may call it. */
    private boolean isFromOurOperator(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        if (header == null || !header.startsWith("Bearer ")) {
            return false;
        }
        try {
            SignedJWT token = SignedJWT.parse(header.substring("Bearer ".length()));
            JWK key = JWKSet.parse(jwks.get()).getKeyByKeyId(token.getHeader().getKeyID());
            JWTClaimsSet claims = token.getJWTClaimsSet();
            String audience = "http://" + exchange.getRequestHeaders().getFirst("Host");
            return isSignedBy(key, token)
                    && claims.getAudience().contains(audience)
                    && expiresAt(token).isAfter(clock.instant())
                    && "system:serviceaccount:default:task-dispatcher".equals(claims.getSubject());
        } catch (ParseException | JOSEException noToken) {
            return false;
        }
    }

    private static Instant expiresAt(SignedJWT token) {
        Object seconds = token.getPayload().toJSONObject().get("exp");
        return seconds instanceof Number number ? Instant.ofEpochSecond(number.longValue()) : Instant.MIN;
    }

    private static boolean isSignedBy(@Nullable JWK key, SignedJWT token) throws JOSEException {
        return switch (key) {
            case RSAKey rsa -> token.verify(new RSASSAVerifier(rsa));
            case ECKey ec -> token.verify(new ECDSAVerifier(ec));
            case null, default -> false;
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

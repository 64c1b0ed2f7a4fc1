package dev.taskqueue.gateway.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/** Signs tokens of ServiceAccounts with the API server's key, because the API server itself makes none that has expired. */
public final class AccountTokens {
    private static final Duration AGE = Duration.ofHours(2);

    private final Path key;

    /** @param key of the API server, PEM */
    public AccountTokens(Path key) {
        this.key = key;
    }

    /** A token that ends then. */
    public String sign(String namespace, String account, String uid, String audience, Instant expiry) {
        ObjectNode claims = ObjectJson.object();
        claims.put("iss", RealCluster.API_AUDIENCE)
                .put("sub", "system:serviceaccount:" + namespace + ":" + account)
                .put("iat", expiry.minus(AGE).getEpochSecond())
                .put("nbf", expiry.minus(AGE).getEpochSecond())
                .put("exp", expiry.getEpochSecond());
        claims.putArray("aud").add(audience);
        ObjectNode kubernetes = claims.putObject("kubernetes.io").put("namespace", namespace);
        kubernetes.putObject("serviceaccount").put("name", account).put("uid", uid);
        String signed = encode("{\"alg\":\"RS256\"}".getBytes(UTF_8)) + "." + encode(ObjectJson.write(claims));
        return signed + "." + encode(signature(signed));
    }

    private byte[] signature(String text) {
        try {
            String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
            var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KeyFactory.getInstance("RSA").generatePrivate(spec));
            signature.update(text.getBytes(US_ASCII));
            return signature.sign();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException(unusable);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

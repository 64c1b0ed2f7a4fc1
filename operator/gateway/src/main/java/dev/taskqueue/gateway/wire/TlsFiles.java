package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.internal.CertUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** The certificate and key of a folder, as Secrets for TLS have them. */
public final class TlsFiles {
    /** Protects nothing: the key store stays in memory. */
    static final String PASSWORD = "in-memory";

    private final Path certificate;
    private final Path key;
    private volatile byte[] taken = {};

    public TlsFiles(Path folder) {
        this.certificate = folder.resolve("tls.crt");
        this.key = folder.resolve("tls.key");
    }

    /** Both files at one moment. */
    record Content(String certificates, String privateKey) {
        private byte[] hash() throws GeneralSecurityException {
            return MessageDigest.getInstance("SHA-256").digest((certificates + privateKey).getBytes(UTF_8));
        }

        private static InputStream stream(String text) {
            return new ByteArrayInputStream(text.getBytes(UTF_8));
        }
    }

    Content read() throws IOException {
        return new Content(Files.readString(certificate), Files.readString(key));
    }

    /** Whether the content is another than that which was taken last. */
    boolean isNew(Content content) throws GeneralSecurityException {
        return !MessageDigest.isEqual(taken, content.hash());
    }

    /** Notes that the content is in force. */
    void take(Content content) throws GeneralSecurityException {
        taken = content.hash();
    }

    /** The content as a key store; fails if the key is not that of the certificate. */
    static KeyStore keyStore(Content content) throws IOException, GeneralSecurityException {
        Certificate certificate =
                CertificateFactory.getInstance("X.509").generateCertificate(Content.stream(content.certificates));
        KeyStore store;
        try {
            store = CertUtils.createKeyStore(
                    Content.stream(content.certificates),
                    Content.stream(content.privateKey),
                    certificate.getPublicKey().getAlgorithm(),
                    PASSWORD.toCharArray(),
                    null,
                    PASSWORD.toCharArray());
        } catch (RuntimeException noKey) {
            throw new GeneralSecurityException("The key cannot be read", noKey);
        }
        checkPair(store, certificate);
        return store;
    }

    private static void checkPair(KeyStore store, Certificate certificate) throws GeneralSecurityException {
        var key = (PrivateKey) store.getKey(store.aliases().nextElement(), PASSWORD.toCharArray());
        String algorithm = "SHA256with" + (key.getAlgorithm().equals("EC") ? "ECDSA" : key.getAlgorithm());
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        if (!verifier.verify(signer.sign())) {
            throw new GeneralSecurityException("The key is not that of the certificate");
        }
    }
}

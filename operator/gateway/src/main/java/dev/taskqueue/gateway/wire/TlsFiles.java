package dev.taskqueue.gateway.wire;

import io.fabric8.kubernetes.client.internal.CertUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;

/** The certificate and key of a folder, as Secrets for TLS have them. */
public final class TlsFiles {
    /** Protects nothing: the key store stays in memory. */
    static final String PASSWORD = "in-memory";

    private final Path certificate;
    private final Path key;
    private volatile int known;

    public TlsFiles(Path folder) {
        this.certificate = folder.resolve("tls.crt");
        this.key = folder.resolve("tls.key");
    }

    /** Reads both. */
    KeyStore read() throws IOException, GeneralSecurityException {
        byte[] certificates = Files.readAllBytes(certificate);
        byte[] privateKey = Files.readAllBytes(key);
        String algorithm = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificates))
                .getPublicKey()
                .getAlgorithm();
        KeyStore store = CertUtils.createKeyStore(
                new ByteArrayInputStream(certificates),
                new ByteArrayInputStream(privateKey),
                algorithm,
                PASSWORD.toCharArray(),
                null,
                PASSWORD.toCharArray());
        known = Arrays.hashCode(certificates) * 31 + Arrays.hashCode(privateKey);
        return store;
    }

    /** Whether the files are others than those that were read last. */
    boolean haveChanged() throws IOException {
        return known
                != Arrays.hashCode(Files.readAllBytes(certificate)) * 31 + Arrays.hashCode(Files.readAllBytes(key));
    }
}

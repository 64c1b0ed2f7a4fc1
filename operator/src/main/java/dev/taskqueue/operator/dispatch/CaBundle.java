package dev.taskqueue.operator.dispatch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The CA certificates that a worker's certificate must be signed by, instead of the system's trust store. Equal bundles share their connections. */
public record CaBundle(List<X509Certificate> certificates) {

    public CaBundle {
        certificates = List.copyOf(certificates);
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("A CA bundle holds at least one certificate");
        }
    }

    /** Reads a PEM bundle ({@code BEGIN CERTIFICATE} blocks); empty if it holds no certificate, or one that cannot be read. */
    public static Optional<CaBundle> parse(String pem) {
        var certificates = new ArrayList<X509Certificate>();
        try {
            var text = new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(text)) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            return Optional.empty();
        }
        return certificates.isEmpty() ? Optional.empty() : Optional.of(new CaBundle(certificates));
    }

    X509TrustManager trustManager() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca-" + i, certificates.get(i));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("This Java knows no X.509 trust manager");
    }
}

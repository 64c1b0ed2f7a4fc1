package dev.taskqueue.gateway.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.taskqueue.controlplane.LocalCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The certificate and key of a {@link LocalCertificate}, to be written into a folder that changes.
 *
 * @param pem as in {@code tls.crt}
 * @param key as in {@code tls.key}
 */
public record TestCertificate(String pem, String key) {
    /** Makes a new one. */
    public static TestCertificate create() throws IOException {
        try (LocalCertificate made = LocalCertificate.make()) {
            return new TestCertificate(
                    Files.readString(made.certificate()),
                    Files.readString(made.folder().resolve("tls.key")));
        }
    }

    public Certificate certificate() throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(US_ASCII)));
    }

    /** Writes {@code tls.crt} and {@code tls.key}. */
    public void writeTo(Path folder) throws IOException {
        Files.writeString(folder.resolve("tls.crt"), pem);
        Files.writeString(folder.resolve("tls.key"), key);
    }

    /** The certificate that a port of loopback shows. */
    public static Certificate shownAt(int port) throws IOException, GeneralSecurityException {
        return sessionAt(port).getPeerCertificates()[0];
    }

    /** A session with a port of loopback, of a client that offers all that the JDK knows. */
    public static SSLSession sessionAt(int port) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Everything()}, null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return socket.getSession();
        }
    }

    private static final class Everything implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

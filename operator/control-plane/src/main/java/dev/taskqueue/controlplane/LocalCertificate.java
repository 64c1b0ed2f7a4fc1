package dev.taskqueue.controlplane;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * A certificate for a Cloud Tasks gateway on this machine, self-signed, so that clients take it as their root. The JDK's keytool makes it in a
 * folder that ends with it.
 */
public final class LocalCertificate implements AutoCloseable {
    private static final String NAMES = "san=dns:cloudtasks.googleapis.com,dns:localhost,ip:127.0.0.1";
    /** Protects nothing: the key's file is readable by this user alone and is deleted at the end. */
    private static final String PASSWORD = "changeit";

    private static final String ALIAS = "gateway";

    private final Path folder;
    private final Path store;

    private LocalCertificate(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("keys.p12");
    }

    /** Makes a key and a certificate, and writes both as a Secret for TLS has them. */
    public static LocalCertificate make() throws IOException {
        var made = new LocalCertificate(Files.createTempDirectory("taskqueue-gateway-"));
        try {
            made.keytool();
            made.write();
        } catch (IOException | RuntimeException failure) {
            made.close();
            throw failure;
        }
        return made;
    }

    private void keytool() throws IOException {
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "30",
                        "-dname",
                        "CN=TaskQueue on this machine",
                        "-ext",
                        "bc:c=ca:true",
                        "-ext",
                        NAMES,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool makes no certificate");
            }
        } catch (InterruptedException stop) {
            keytool.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool makes a certificate", stop);
        }
    }

    private void write() throws IOException {
        char[] password = PASSWORD.toCharArray();
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, password);
            Files.writeString(
                    certificate(), pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()));
            byte[] key = Objects.requireNonNull(keys.getKey(ALIAS, password)).getEncoded();
            Files.writeString(folder.resolve("tls.key"), pem("PRIVATE KEY", key));
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            roots.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
            try (OutputStream out = Files.newOutputStream(trustStore())) {
                roots.store(out, password);
            }
        } catch (GeneralSecurityException unreadable) {
            throw new IOException("the certificate of keytool cannot be read", unreadable);
        }
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }

    /** The folder with {@code tls.crt} and {@code tls.key}. */
    public Path folder() {
        return folder;
    }

    /** The file that clients trust. */
    public Path certificate() {
        return folder.resolve("tls.crt");
    }

    /** The same for Java, with the password {@code changeit}. */
    public Path trustStore() {
        return folder.resolve("roots.p12");
    }

    @Override
    public void close() throws IOException {
        for (Path file : List.of(certificate(), trustStore(), folder.resolve("tls.key"), store, folder)) {
            Files.deleteIfExists(file);
        }
    }
}

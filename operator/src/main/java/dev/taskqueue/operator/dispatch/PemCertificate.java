package dev.taskqueue.operator.dispatch;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The content of one PEM block with a certificate.
 *
 * @param der the certificate, and behind it what OpenSSL adds to a {@code TRUSTED CERTIFICATE}
 * @param hasTrust whether it is such a block
 */
record PemCertificate(
        @SuppressWarnings("ArrayRecordComponent") byte[] der, boolean hasTrust) {
    private static final int SHOWN = 80;
    private static final int SEQUENCE = 0x30;
    /** Tag [0]: the version of a certificate, or the uses for which a trusted certificate is rejected. */
    private static final int CONTEXT_0 = 0xa0;

    /** The two object identifiers that stand for servers: serverAuth and anyExtendedKeyUsage. */
    private static final byte[] SERVER = {0x2b, 6, 1, 5, 5, 7, 3, 1};

    private static final byte[] ANY_USE = {0x55, 0x1d, 0x25, 0};

    X509Certificate parse(CertificateFactory factory) throws CertificateException {
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    }

    /** The subject, even if Java cannot read the certificate; empty if there is none. */
    String subject() {
        var outer = new DerCursor(der);
        if (!outer.next()) {
            return "";
        }
        DerCursor certificate = outer.inside();
        if (!certificate.next()) {
            return "";
        }
        DerCursor fields = certificate.inside();
        boolean isThere = fields.next() && (fields.tag() != CONTEXT_0 || fields.next());
        // The serial number is followed by the algorithm, the issuer, the validity and the subject.
        for (int i = 0; isThere && i < 4; i++) {
            isThere = fields.next();
        }
        try {
            return isThere ? shown(new X500Principal(fields.element()).getName()) : "";
        } catch (IllegalArgumentException unreadable) {
            return "";
        }
    }

    /** Why a trusted certificate is not to be trusted for servers; null if it is. */
    @Nullable String distrust() {
        var blocks = new DerCursor(der);
        if (!hasTrust || !blocks.next() || !blocks.next()) {
            return null;
        }
        DerCursor uses = blocks.inside();
        while (uses.next()) {
            boolean forServers = namesServers(uses.inside());
            if (uses.tag() == CONTEXT_0 && forServers) {
                return "it is marked as rejected for servers";
            }
            if (uses.tag() == SEQUENCE && !forServers) {
                return "it is not marked as trusted for servers";
            }
        }
        return null;
    }

    private static boolean namesServers(DerCursor uses) {
        while (uses.next()) {
            byte[] use = uses.content();
            if (Arrays.equals(use, SERVER) || Arrays.equals(use, ANY_USE)) {
                return true;
            }
        }
        return false;
    }

    /** Java's own reason, from the exception at the bottom. */
    static String reason(CertificateException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return shown(cause.getMessage() == null ? "Java cannot read it" : cause.getMessage());
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN - 3) + "...";
    }
}

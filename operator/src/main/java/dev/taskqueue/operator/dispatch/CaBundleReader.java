package dev.taskqueue.operator.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the certificates of a CA bundle: PEM blocks with any text between them, or binary certificates. A part that cannot be used is named, and the
 * other parts are used.
 */
public final class CaBundleReader {
    /** Several times as many as the public lists of CAs have. */
    static final int MOST_CERTIFICATES = 500;

    private static final int MOST_FAULTS = 100;

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final int LONGEST_LABEL = 40;
    private static final int LONGEST_REASON = 80;
    private static final int SEQUENCE = 0x30;

    private final CertificateFactory factory;
    private final Set<X509Certificate> certificates = new LinkedHashSet<>();
    private final List<String> faults = new ArrayList<>();
    private int blocks;

    private CaBundleReader() throws CertificateException {
        factory = CertificateFactory.getInstance("X.509");
    }

    /**
     * What was read.
     *
     * @param bundle null if there is no certificate that can be used
     * @param faults for people: each part that is not used, and why. Without any of the content
     */
    public record Reading(@Nullable CaBundle bundle, List<String> faults) {
        public Reading {
            faults = List.copyOf(faults);
        }
    }

    /** Reads a bundle. */
    public static Reading read(byte[] content) {
        try {
            var reader = new CaBundleReader();
            String text = text(content);
            if (!text.contains(BEGIN) && content.length > 0 && (content[0] & 0xff) == SEQUENCE) {
                reader.readBinary(content);
            } else {
                reader.readBlocks(text);
            }
            return new Reading(
                    reader.certificates.isEmpty() ? null : new CaBundle(List.copyOf(reader.certificates)),
                    reader.faults);
        } catch (CertificateException e) {
            throw new IllegalStateException("Every Java reads X.509 certificates", e);
        }
    }

    /** Some editors write UTF-16. It begins with a byte order mark. */
    private static String text(byte[] content) {
        int mark = content.length < 2 ? 0 : ((content[0] & 0xff) << 8) | (content[1] & 0xff);
        return new String(content, mark == 0xfeff ? UTF_16BE : mark == 0xfffe ? UTF_16LE : ISO_8859_1);
    }

    private void readBinary(byte[] der) {
        try {
            for (var certificate : factory.generateCertificates(new ByteArrayInputStream(der))) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            fault("the binary content: " + reason(e));
        }
    }

    private void readBlocks(String text) {
        int at = text.indexOf(BEGIN);
        while (at >= 0 && certificates.size() < MOST_CERTIFICATES) {
            int labelAt = at + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelAt);
            if (labelEnd < 0) {
                return;
            }
            String label = text.substring(labelAt, labelEnd);
            int contentAt = labelEnd + DASHES.length();
            int end = text.indexOf(DASHES, contentAt);
            boolean isClosed = end >= 0 && text.startsWith("-----END " + label + DASHES, end);
            if (label.length() <= LONGEST_LABEL) {
                readBlock(label, isClosed ? text.substring(contentAt, end) : null);
            }
            at = text.indexOf(BEGIN, contentAt);
        }
        if (at >= 0) {
            fault("all that follows the first " + MOST_CERTIFICATES + " certificates");
        }
    }

    /** @param base64 null if the block has no end */
    private void readBlock(String label, @Nullable String base64) {
        if (!label.equals("CERTIFICATE") && !label.equals("X509 CERTIFICATE")) {
            fault(otherBlock(label));
            return;
        }
        blocks++;
        String name = "certificate " + blocks;
        if (base64 == null) {
            fault(name + ": it does not end with END " + label);
            return;
        }
        try {
            byte[] der = Base64.getDecoder().decode(withoutLineBreaks(base64));
            certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        } catch (IllegalArgumentException broken) {
            fault(name + ": its Base64 is broken");
        } catch (CertificateException e) {
            fault(name + ": " + reason(e));
        }
    }

    private static String otherBlock(String label) {
        if (label.contains("PRIVATE KEY")) {
            return "a private key, which does not belong there";
        }
        return label.equals("TRUSTED CERTIFICATE")
                ? "a trusted certificate, which only OpenSSL reads; openssl x509 makes a certificate of it"
                : "a block " + label.toLowerCase(Locale.ROOT) + ", which is not a certificate";
    }

    /** Java's own reason, from the exception at the bottom. */
    private static String reason(CertificateException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = cause.getMessage() == null ? "Java cannot read it" : cause.getMessage();
        String line = reason.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
    }

    private void fault(String fault) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(fault);
        }
    }

    /** Text that went through JSON or an environment variable may hold line breaks as {@code \n}. */
    private static String withoutLineBreaks(String base64) {
        return base64.replace("\\n", "").replace("\\r", "").replaceAll("\\s", "");
    }
}

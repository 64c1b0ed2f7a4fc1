package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.dispatch.CaBundleReader;
import dev.taskqueue.operator.dispatch.CaBundleReader.Reading;
import dev.taskqueue.operator.dispatch.CertificateCache;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parses each version of a CA bundle once, and logs the parts of it that cannot be used once. The content is read for every attempt as before. Only
 * the certificates, which are public, are kept under its hash, those that were used last. Thread-safe.
 */
final class CaBundles {
    private static final Logger LOG = LoggerFactory.getLogger(CaBundles.class);
    /** How many faults a line in the log names. */
    private static final int SHOWN_FAULTS = 5;

    private final CertificateCache<String, Reading> readings = new CertificateCache<>((_, reading) -> size(reading));

    Reading read(KeyReference key, byte[] content) {
        String hash = hash(content);
        synchronized (this) {
            Reading known = readings.get(hash);
            if (known != null) {
                return known;
            }
        }
        // Not under the lock: a large bundle must not delay others.
        Reading reading = CaBundleReader.read(content);
        if (keep(hash, reading) && !reading.faults().isEmpty()) {
            LOG.warn(
                    "Key {} of {}, a CA bundle: {} certificates are used. Not used: {}",
                    key.key(),
                    key,
                    size(reading),
                    faults(reading.faults()));
        }
        return reading;
    }

    /** Returns false if another thread has kept it already. */
    private synchronized boolean keep(String hash, Reading reading) {
        return readings.add(hash, reading);
    }

    /** The parts that are not used, for people. */
    static String faults(List<String> faults) {
        String shown = String.join("; ", faults.subList(0, Math.min(SHOWN_FAULTS, faults.size())));
        return faults.size() <= SHOWN_FAULTS
                ? shown + "."
                : shown + "; and " + (faults.size() - SHOWN_FAULTS) + " more.";
    }

    private static int size(Reading reading) {
        return reading.bundle() == null ? 0 : reading.bundle().certificates().size();
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java has SHA-256", impossible);
        }
    }
}

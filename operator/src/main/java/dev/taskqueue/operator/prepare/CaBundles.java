package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.dispatch.CaBundleReader;
import dev.taskqueue.operator.dispatch.CaBundleReader.Reading;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parses each version of a CA bundle once, and logs the parts of it that cannot be used once. The content is read for every attempt as before. Only
 * the certificates, which are public, are kept under its hash, those that were used last. Thread-safe.
 */
final class CaBundles {
    private static final Logger LOG = LoggerFactory.getLogger(CaBundles.class);
    private static final int MOST_BUNDLES = 256;
    /** A certificate takes a few kilobytes. */
    private static final int MOST_CERTIFICATES = 4096;
    /** How many faults a line in the log names. */
    private static final int SHOWN_FAULTS = 5;

    /** The least recently used bundle comes first. */
    private final LinkedHashMap<String, Reading> readings = new LinkedHashMap<>(16, 0.75f, true);

    private int certificates;

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
        if (readings.putIfAbsent(hash, reading) != null) {
            return false;
        }
        certificates += size(reading);
        Iterator<Map.Entry<String, Reading>> eldest = readings.entrySet().iterator();
        while (readings.size() > MOST_BUNDLES || (certificates > MOST_CERTIFICATES && readings.size() > 1)) {
            certificates -= size(eldest.next().getValue());
            eldest.remove();
        }
        return true;
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

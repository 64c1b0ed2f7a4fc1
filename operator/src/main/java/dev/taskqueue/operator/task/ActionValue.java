package dev.taskqueue.operator.task;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The value of an annotation that requests an action once ({@code run-now}, {@code redrive}), as the operator keeps, compares and writes it. An
 * annotation may have 256 KiB, and the operator remembers handled values as long as the object exists. Therefore a long value is replaced by its
 * hash. A hash stays as it is.
 */
public final class ActionValue {
    /** In UTF-16 units. A hash is shorter. */
    static final int MAX_LENGTH = 256;

    private ActionValue() {}

    /** The value to keep; null if there is no annotation. */
    public static @Nullable String of(@Nullable String annotation) {
        return annotation == null || annotation.length() <= MAX_LENGTH ? annotation : "sha256:" + hash(annotation);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java has SHA-256", impossible);
        }
    }
}

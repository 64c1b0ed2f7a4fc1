package dev.taskqueue.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The names that Tasks get from their keys. A key is a producer's own name for a Task, as Cloud Tasks has them, unique in its queue; the name
 * of a Kubernetes object knows small letters only and is unique in its namespace. Clients in other languages follow the same rule.
 */
public final class TaskNames {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{1,500}");
    private static final int READABLE = 50;
    private static final int DIGITS = 10;

    private TaskNames() {}

    /**
     * The name of the Task with this key in this queue: the key in lower case with {@code -} for every character other than a to z and 0 to 9,
     * cut to 50, without {@code -} at its ends; then {@code -} and the first 10 hex digits of the SHA-256 of {@code QUEUE/KEY}. A key of
     * {@code -} and {@code _} alone leaves the digits alone.
     *
     * @param key 1 to 500 letters, digits, {@code -} and {@code _}
     * @throws IllegalArgumentException where the key is not such
     */
    public static String of(String queue, String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "The key \"" + key + "\" is not 1 to 500 letters, digits, \"-\" and \"_\"; write it so.");
        }
        String small = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "-");
        String readable = small.substring(0, Math.min(READABLE, small.length())).replaceAll("^-+|-+$", "");
        String digits = sha256(queue + "/" + key).substring(0, DIGITS);
        return readable.isEmpty() ? digits : readable + "-" + digits;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}

package dev.taskqueue.operator.domain;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says which headers a user may set. Names and values follow RFC 9110, section 5: a name is a token; a value is visible ASCII with spaces and tabs
 * inside. Refused are the names of headers that frame the message, that belong to one hop, or that the operator itself sets. Every answer is one
 * sentence that says what to change. It names the header and never shows the value, which may be a secret. Empty means: no objection.
 */
public final class HeaderRules {
    /** The maximum number of headers of one request. */
    public static final int MAX_ENTRIES = 64;

    /** Names and values together stay below this many bytes (80 KB, as Cloud Tasks has it). */
    public static final int SIZE_LIMIT = 80 * 1024;

    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";
    private static final Set<String> REFUSED_NAMES =
            Set.of("host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect");
    private static final Set<String> REFUSED_PREFIXES =
            Set.of("proxy-", "x-cloudtasks-", "x-appengine-", "x-google-", "taskqueue-");
    private static final int SHOWN_NAME = 80;

    private HeaderRules() {}

    /**
     * All headers of one request.
     *
     * @param tokenConfigured whether the Task itself asks for a token, which {@code Authorization} then carries
     */
    public static Optional<String> check(Map<String, String> headers, boolean tokenConfigured) {
        if (headers.size() > MAX_ENTRIES) {
            return Optional.of("There are %d headers; set at most %d.".formatted(headers.size(), MAX_ENTRIES));
        }
        var seen = new HashMap<String, String>();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey();
            Optional<String> objection = checkName(name, tokenConfigured).or(() -> checkValue(name, header.getValue()));
            if (objection.isPresent()) {
                return objection;
            }
            String other = seen.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                return Optional.of("Headers %s and %s are one and the same; keep one of them."
                        .formatted(shown(other), shown(name)));
            }
        }
        return checkSize(headers);
    }

    /** One name. */
    public static Optional<String> checkName(String name, boolean tokenConfigured) {
        if (name.isEmpty() || !name.chars().allMatch(HeaderRules::isTokenCharacter)) {
            return Optional.of("\"%s\" is no header name; write letters, digits and %s only."
                    .formatted(shown(name), TOKEN_SYMBOLS));
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (REFUSED_NAMES.contains(lower) || REFUSED_PREFIXES.stream().anyMatch(lower::startsWith)) {
            return Optional.of("Header %s is the operator's own to set; remove it.".formatted(shown(name)));
        }
        if (tokenConfigured && lower.equals("authorization")) {
            return Optional.of("Header %s clashes with serviceAccountToken; remove one of the two.".formatted(name));
        }
        return Optional.empty();
    }

    /** The value of the header called {@code name}. */
    public static Optional<String> checkValue(String name, String value) {
        if (!value.isEmpty() && (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1)))) {
            return Optional.of("The value of header %s begins or ends with white space or a line break; remove it."
                    .formatted(shown(name)));
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                return Optional.of("The value of header %s has a character that headers cannot carry, at position %d; "
                                .formatted(shown(name), i + 1)
                        + "write visible ASCII, spaces and tabs only.");
            }
        }
        return Optional.empty();
    }

    /** The size of all headers together. Names and values must be valid already. */
    public static Optional<String> checkSize(Map<String, String> headers) {
        int total = 0;
        int largest = -1;
        String largestName = "";
        for (Map.Entry<String, String> header : headers.entrySet()) {
            int size = header.getKey().length() + header.getValue().length();
            total += size;
            if (size > largest) {
                largest = size;
                largestName = header.getKey();
            }
        }
        return total < SIZE_LIMIT
                ? Optional.empty()
                : Optional.of("The headers have %d bytes, %s the most of them; keep all together below %d."
                        .formatted(total, shown(largestName), SIZE_LIMIT));
    }

    private static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || TOKEN_SYMBOLS.indexOf(c) >= 0;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    /** A name in a form that fits into a message. A refused name may contain anything and have any length. */
    private static String shown(String name) {
        String printable = name.replaceAll("[^ -~]", "?");
        return printable.length() <= SHOWN_NAME ? printable : printable.substring(0, SHOWN_NAME) + "...";
    }
}

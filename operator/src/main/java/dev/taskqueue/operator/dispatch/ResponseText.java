package dev.taskqueue.operator.dispatch;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.regex.Pattern;
import okhttp3.Headers;
import okhttp3.MediaType;
import org.jspecify.annotations.Nullable;

/** Makes readable text of the beginning of a worker's answer. Pure. */
final class ResponseText {
    private static final Pattern TEXT_SUBTYPE =
            Pattern.compile("(.*[+])?(json|xml|yaml)|x-yaml|x-www-form-urlencoded|javascript|graphql|(.*[+-])?ndjson");

    private ResponseText() {}

    /**
     * The text; null if the answer is no text. An answer whose headers do not say what it is must be UTF-8. A compressed answer is not unpacked:
     * no request asks for one.
     *
     * @param bytes the beginning of the body; its last character may be cut
     */
    static @Nullable String decode(Headers headers, byte[] bytes) {
        String encoding = headers.get("Content-Encoding");
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            return null;
        }
        String header = headers.get("Content-Type");
        MediaType type = header == null ? null : MediaType.parse(header);
        if (type == null) {
            return decode(bytes, StandardCharsets.UTF_8, CodingErrorAction.REPORT);
        }
        boolean isText = type.type().equals("text")
                || TEXT_SUBTYPE.matcher(type.subtype().toLowerCase(Locale.ROOT)).matches();
        if (!isText) {
            return null;
        }
        Charset charset = charset(type.parameter("charset"));
        return charset == null
                ? decode(bytes, StandardCharsets.UTF_8, CodingErrorAction.REPORT)
                : decode(bytes, charset, CodingErrorAction.REPLACE);
    }

    /** UTF-8 if none is named; null if there is no such charset. */
    private static @Nullable Charset charset(@Nullable String name) {
        try {
            return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
            return null;
        }
    }

    private static @Nullable String decode(byte[] bytes, Charset charset, CodingErrorAction onError) {
        CharsetDecoder decoder = charset.newDecoder().onMalformedInput(onError).onUnmappableCharacter(onError);
        var text = CharBuffer.allocate((int) (bytes.length * (double) decoder.maxCharsPerByte()) + 1);
        // Not the end of the input: a cut character is left out.
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), text, false);
        try {
            if (result.isError()) {
                result.throwException();
            }
        } catch (CharacterCodingException noText) {
            return null;
        }
        return text.flip().toString();
    }

    /** The beginning of the text, in one line, without characters that a terminal acts on or nobody sees. */
    static String escaped(String text, int maxLength) {
        var shown = new StringBuilder();
        int next;
        for (int at = 0; at < text.length(); at = next) {
            next = text.offsetByCodePoints(at, 1);
            String character = escaped(text.codePointAt(at));
            if (shown.length() + character.length() > maxLength) {
                break;
            }
            shown.append(character);
        }
        return shown.toString();
    }

    private static String escaped(int character) {
        return switch (character) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default ->
                switch (Character.getType(character)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE -> "\\u%04x".formatted(character);
                    default -> Character.toString(character);
                };
        };
    }
}

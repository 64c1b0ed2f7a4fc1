package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;

/** Texts, numbers and JSON values that programs tend to handle wrongly. */
final class OddTexts {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\n",
            "\t",
            "\u0000",
            "a\u0000b",
            "\u001b[31m",
            "\u007f",
            "\u0085",
            "\u2028",
            "\ufeff",
            "\ufffe",
            "\uffff",
            "\u202e",
            "\ud83d\ude00",
            "\ud83d",
            "\ude00\ud83d",
            "e\u0301",
            "\u00e4\u00f6\u00fc",
            "\u0130",
            "\u212a",
            "null",
            "true",
            "{}",
            "[",
            "\"",
            "'",
            "\\",
            "\\u0000",
            "%00",
            "%",
            "%zz",
            "%s%n%d",
            "${jndi:ldap://127.0.0.1/x}",
            "{}{}{}",
            "../../etc/passwd",
            "/..",
            "//",
            "/%2e%2e/",
            "/?",
            "/?a=b?c&&",
            "/a;b=c,d",
            "/\\",
            "/{x}|^`\"<>",
            "/~!$&'()*+,;=:@",
            "http://example.com/",
            "127.0.0.1",
            "::1",
            "localhost",
            "default",
            "kubernetes",
            "-",
            ".",
            "..",
            "a..b",
            "-a",
            "a-",
            "A",
            "a_b",
            "xn--",
            "0",
            "-1",
            "NaN",
            "1e9s",
            "YWJj",
            "YWJ",
            "YWJj\n",
            "YW=j",
            "====",
            "-_-_",
            "Zh==",
            "Bearer x",
            "a: b",
            "a\r\nX-Injected: 1",
            "a\r\n\r\nGET / HTTP/1.1");

    private static final List<JsonNode> NUMBERS = List.of(
            JSON.numberNode(0),
            JSON.numberNode(-1),
            JSON.numberNode(1),
            JSON.numberNode(new BigDecimal("-0.0")),
            JSON.numberNode(new BigDecimal("1.0")),
            JSON.numberNode(new BigDecimal("1.5")),
            JSON.numberNode(new BigDecimal("1E+2")),
            JSON.numberNode(Integer.MAX_VALUE),
            JSON.numberNode(Integer.MAX_VALUE + 1L),
            JSON.numberNode(Integer.MIN_VALUE - 1L),
            JSON.numberNode(9_007_199_254_740_993L),
            JSON.numberNode(Long.MAX_VALUE),
            JSON.numberNode(new BigInteger("9223372036854775808")),
            JSON.numberNode(new BigInteger("1" + "0".repeat(200))),
            JSON.numberNode(new BigDecimal("1E+30")),
            JSON.numberNode(new BigDecimal("1E+308")),
            JSON.numberNode(new BigDecimal("1E+400")),
            JSON.numberNode(new BigDecimal("1E-400")));

    private OddTexts() {}

    /** A text; seldom one of several hundred kilobytes. */
    static String text(SplittableRandom random) {
        return switch (random.nextInt(200)) {
            case 0 -> "x".repeat(200_000);
            case 1 -> "\u20ac".repeat(100_000);
            case 2, 3, 4, 5 -> "x".repeat(1 << random.nextInt(6, 13));
            case 6, 7 -> "\ud83d\ude00".repeat(1 << random.nextInt(6, 11));
            default -> TEXTS.get(random.nextInt(TEXTS.size()));
        };
    }

    static JsonNode number(SplittableRandom random) {
        return NUMBERS.get(random.nextInt(NUMBERS.size()));
    }

    /** Any JSON value, of any shape. */
    static JsonNode json(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 4 ? 5 : 8)) {
            case 0 -> JSON.booleanNode(random.nextBoolean());
            case 1, 2 -> number(random);
            case 3 -> random.nextInt(3) == 0 ? JSON.nullNode() : JSON.textNode(text(random));
            case 4 -> JSON.textNode("canary-body-" + random.nextInt(100));
            case 5 -> list(random, depth);
            default -> object(random, depth);
        };
    }

    private static ArrayNode list(SplittableRandom random, int depth) {
        ArrayNode list = JSON.arrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(json(random, depth + 1));
        }
        return list;
    }

    private static ObjectNode object(SplittableRandom random, int depth) {
        ObjectNode object = JSON.objectNode();
        for (int i = random.nextInt(5); i > 0; i--) {
            object.set(
                    random.nextInt(4) == 0 ? TEXTS.get(random.nextInt(TEXTS.size())) : "k" + i,
                    json(random, depth + 1));
        }
        return object;
    }

    /** Lists in lists, or objects in objects. It is kept as text: Jackson's trees of this depth overflow the stack. */
    static JsonNode deep(int levels, boolean lists) {
        String open = lists ? "[" : "{\"a\":";
        String close = lists ? "]" : "}";
        return JSON.rawValueNode(new RawValue(open.repeat(levels) + "1" + close.repeat(levels)));
    }
}

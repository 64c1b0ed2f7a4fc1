package dev.taskqueue.operator.fuzz;

import dev.taskqueue.operator.fuzz.RawAnswer.End;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Odd and hostile answers of workers, all from one seed. Most are broken somewhere; some are only unusual. */
final class AnswerDeck {
    private static final List<String> STATUS_LINES = List.of(
            "HTTP/1.1 %d",
            "HTTP/1.1 %d ",
            "HTTP/1.0 %d OK",
            "HTTP/1.1 %d \u00ff\u00fe",
            "HTTP/1.1  %d OK",
            "http/1.1 %d OK",
            "HTTP/1.1 %d" + " x".repeat(200),
            "HTTP/2 %d",
            "HTTP/9.9 %d OK",
            "ICY %d OK",
            "%d OK",
            "HTTP/1.1 +%d OK",
            "HTTP/1.1 %d0 OK",
            "\r\nHTTP/1.1 %d OK",
            "",
            "\u0016\u0003\u0001");
    private static final int[] CODES = {
        200, 201, 202, 204, 205, 206, 299, 300, 301, 304, 307, 400, 401, 403, 404, 407, 408, 409, 410, 413, 418, 421,
        422, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 511, 599, 600, 999, 0, 99, 100, 101, 103
    };
    private static final List<String> HEADERS = List.of(
            "Retry-After: 0",
            "Retry-After: -1",
            "Retry-After: 99999999999999999999",
            "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT",
            "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
            "Retry-After: soon",
            "TaskQueue-No-Retry: true",
            "TaskQueue-No-Retry: maybe",
            "Location: http://127.0.0.1:1/",
            "Location: \u0000",
            "Set-Cookie: a=b",
            "Content-Type: text/plain; charset=no-such",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: ",
            "Content-Encoding: gzip",
            "Content-Encoding: br, gzip, deflate",
            "Connection: close",
            "Connection: upgrade",
            "Upgrade: h2c",
            "Keep-Alive: timeout=0, max=0",
            "X-\u00e4: \u00fc",
            "X-Nul: a\u0000b",
            "X Space: a",
            ": no name",
            "NoColon",
            " folded",
            "X-Empty:",
            "X-Long: " + "a".repeat(9_000),
            "Trailer: X",
            "WWW-Authenticate: Basic realm=\"x\"",
            "Proxy-Authenticate: Negotiate",
            "Alt-Svc: h3=\":1\"",
            "Clear-Site-Data: *",
            "Date: yesterday");
    private static final List<String> BODIES = List.of(
            "",
            "ok",
            "\u0000\u0001\u0002",
            "\u00ff\u00fe\u00fd",
            "\u001f\u008b\b\u0000",
            "{\"a\":",
            "<html>",
            "\u001b[31mred",
            "line\r\nline\r\n\r\n",
            "x".repeat(70_000),
            "\u00e2\u0082");

    /** How the end of the body is announced. */
    private enum Framing {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE,
        LENGTH_TOO_LONG,
        LENGTH_TWICE,
        LENGTH_NEGATIVE,
        LENGTH_HUGE,
        LENGTH_AND_CHUNKED,
        CHUNK_BROKEN,
        CHUNK_HUGE,
        CHUNK_UNFINISHED,
        CHUNK_TRAILERS
    }

    private final long seed;

    AnswerDeck(long seed) {
        this.seed = seed;
    }

    /** An answer; the same for the same seed and number. */
    RawAnswer answer(int number) {
        var random = new SplittableRandom(seed * 7_368_787L + number);
        int code = CODES[random.nextInt(CODES.length)];
        int line = random.nextInt(2) == 0 ? 0 : random.nextInt(STATUS_LINES.size());
        List<Integer> headers =
                random.ints(random.nextInt(4), 0, HEADERS.size()).boxed().toList();
        int body = random.nextInt(BODIES.size());
        Framing framing = random.nextInt(3) == 0 ? Framing.LENGTH : one(random, Framing.values());
        var text = new StringBuilder();
        int interim = random.nextInt(12) == 0 ? random.nextInt(1, 4) : 0;
        text.append("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(interim));
        text.append(STATUS_LINES.get(line).formatted(code)).append("\r\n");
        headers.forEach(header -> text.append(HEADERS.get(header)).append("\r\n"));
        text.append(framed(framing, BODIES.get(body)));
        String shape = "line %d, code %d, headers %s, %s, body %d, interim %d"
                .formatted(line, code, headers, framing, body, interim);
        boolean sound = line <= 2 && headers.isEmpty() && code >= 200 && code < 600 && framing == Framing.LENGTH;
        return delivered(random, text.toString(), shape, sound ? code : 0, framing);
    }

    private static String framed(Framing framing, String body) {
        String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        return switch (framing) {
            case LENGTH -> length(body.length()) + body;
            case CHUNKED -> chunked + (body.isEmpty() ? "" : chunk) + "0\r\n\r\n";
            case UNTIL_CLOSE -> "\r\n" + body;
            case LENGTH_TOO_LONG -> length(body.length() + 7L) + body;
            case LENGTH_TWICE -> "Content-Length: 1\r\n" + length(body.length()) + body;
            case LENGTH_NEGATIVE -> length(-5) + body;
            case LENGTH_HUGE -> "Content-Length: 99999999999999999999\r\n\r\n" + body;
            case LENGTH_AND_CHUNKED -> "Content-Length: 3\r\n" + chunked + chunk + "0\r\n\r\n";
            case CHUNK_BROKEN -> chunked + "zz\r\n" + body;
            case CHUNK_HUGE -> chunked + "fffffffffffffffff\r\n" + body;
            case CHUNK_UNFINISHED -> chunked + chunk;
            case CHUNK_TRAILERS -> chunked + chunk + "0\r\nX: y\r\nTaskQueue-No-Retry: true\r\n\r\n";
        };
    }

    private static String length(long length) {
        return "Content-Length: " + length + "\r\n\r\n";
    }

    private static RawAnswer delivered(
            SplittableRandom random, String text, String shape, int statusCode, Framing framing) {
        boolean endsByItself = framing == Framing.LENGTH || framing == Framing.CHUNKED;
        End otherwise = random.nextInt(8) == 0 ? End.HANG : random.nextBoolean() ? End.CLOSE : End.RESET;
        End end = endsByItself && random.nextInt(3) > 0 ? End.KEEP_OPEN : otherwise;
        return switch (random.nextInt(6)) {
            // A connection that is reset may lose the end of the answer.
            case 0 -> {
                String cut = text.substring(0, random.nextInt(text.length() + 1));
                yield new RawAnswer(
                        "cut, " + end + ", " + shape, List.of(cut), end == End.KEEP_OPEN ? End.CLOSE : end, 0);
            }
            case 1 ->
                new RawAnswer(
                        "drips, " + end + ", " + shape, drops(random, text), end, end == End.RESET ? 0 : statusCode);
            case 2 ->
                new RawAnswer(
                        "twice, " + end + ", " + shape,
                        List.of(text + "HTTP/1.1 418 Again\r\nContent-Length: 0\r\n\r\n"),
                        end,
                        end == End.RESET ? 0 : statusCode);
            default ->
                new RawAnswer("whole, " + end + ", " + shape, List.of(text), end, end == End.RESET ? 0 : statusCode);
        };
    }

    private static List<String> drops(SplittableRandom random, String text) {
        var drops = new ArrayList<String>();
        int at = 0;
        for (int i = 0; i < 6 && at < text.length(); i++) {
            int next = Math.min(text.length(), at + 1 + random.nextInt(40));
            drops.add(text.substring(at, next));
            at = next;
        }
        drops.add(text.substring(at));
        return drops;
    }

    private static <T> T one(SplittableRandom random, T[] all) {
        return all[random.nextInt(all.length)];
    }
}

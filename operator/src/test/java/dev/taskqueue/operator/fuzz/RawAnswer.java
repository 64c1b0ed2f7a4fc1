package dev.taskqueue.operator.fuzz;

import java.util.List;

/**
 * What a worker writes as its answer.
 *
 * @param shape which parts it is made of, to count different ones
 * @param pieces are written one after another, with a short pause between them
 * @param end what happens after the last piece
 * @param statusCode what the operator must read; 0 where the answer is broken and any failure is right
 */
record RawAnswer(String shape, List<String> pieces, End end, int statusCode) {
    /** The answer of a worker that works. */
    static final RawAnswer OK =
            new RawAnswer("plain", List.of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), End.KEEP_OPEN, 200);

    enum End {
        KEEP_OPEN,
        CLOSE,
        RESET,
        /** Says nothing more until the other end closes. */
        HANG
    }
}

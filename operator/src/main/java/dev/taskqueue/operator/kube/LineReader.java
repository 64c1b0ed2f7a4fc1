package dev.taskqueue.operator.kube;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A byte stream line by line. A stream's own reads take a lock for every byte; this takes one for every buffer. */
final class LineReader {
    private final InputStream stream;
    private final byte[] buffer;
    private int from;
    private int to;

    LineReader(InputStream stream, int bufferSize) {
        this.stream = stream;
        this.buffer = new byte[bufferSize];
    }

    /** The next line without its end; empty at the end of the stream, where a line without an end is none. */
    Optional<byte[]> next() throws IOException {
        var line = new ByteArrayOutputStream(buffer.length / 16);
        while (true) {
            for (int i = from; i < to; i++) {
                if (buffer[i] == '\n') {
                    line.write(buffer, from, i - from);
                    from = i + 1;
                    return Optional.of(line.toByteArray());
                }
            }
            line.write(buffer, from, to - from);
            from = 0;
            to = Math.max(0, stream.read(buffer));
            if (to == 0) {
                return Optional.empty();
            }
        }
    }
}

package dev.taskqueue.client;

import java.util.ArrayList;
import java.util.List;

/** Cuts lines into parts that each fit into one TaskBatch. */
final class BatchParts {
    private static final int MAX_ITEMS = 1000;
    private static final int MAX_CHARACTERS = 786_432;
    /** The operator accepts 1,400,000 bytes of the whole object; the rest is for names, labels and what the API server adds. */
    private static final int MAX_STORED = 1_380_000;

    private BatchParts() {}

    /**
     * The same lines give the same parts.
     *
     * @param otherBytes what the rest of the spec takes as it is stored
     * @return the field {@code lines} of each part, with the line breaks
     * @throws IllegalArgumentException where one line alone is too long
     */
    static List<String> of(List<String> lines, int otherBytes) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        int count = 0;
        int stored = otherBytes;
        for (String line : lines) {
            int bytes = StoredText.bytes(line) + 2;
            if (line.length() + 1 > MAX_CHARACTERS || otherBytes + bytes > MAX_STORED) {
                throw new IllegalArgumentException(
                        "An item does not fit into a batch: it takes %d bytes as it is stored, the rest of the batch %d; shorten them."
                                .formatted(bytes, otherBytes));
            }
            if (count == MAX_ITEMS
                    || part.length() + line.length() + 1 > MAX_CHARACTERS
                    || stored + bytes > MAX_STORED) {
                parts.add(part.toString());
                part.setLength(0);
                count = 0;
                stored = otherBytes;
            }
            part.append(line).append('\n');
            count++;
            stored += bytes;
        }
        if (count > 0) {
            parts.add(part.toString());
        }
        return parts;
    }
}

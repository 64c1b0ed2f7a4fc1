package dev.taskqueue.operator.fuzz;

import java.util.BitSet;

/** Indexes as status has them, such as {@code 0-41,43-428}. */
final class Ranges {
    private Ranges() {}

    static BitSet read(String text) {
        var indexes = new BitSet();
        for (String part : text.split(",", -1)) {
            if (!part.isEmpty()) {
                String[] ends = part.split("-", -1);
                indexes.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return indexes;
    }
}

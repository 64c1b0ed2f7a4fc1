package dev.taskqueue.operator.batch;

import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Indexes of items as text: numbers and ranges, separated by commas, such as {@code 0-41,43-428}. The empty text stands for none. */
public final class IndexRanges {
    /** In characters, as the CRD has it. */
    public static final int MAX_LENGTH = 4096;

    private static final int MAX_DIGITS = 4;

    private final String text;
    private final int total;
    private final BitSet indexes;
    private int position;

    private IndexRanges(String text, int total) {
        this.text = text;
        this.total = total;
        this.indexes = new BitSet(total);
    }

    /** Writes the indexes in ascending order. */
    public static String format(BitSet indexes) {
        var text = new StringBuilder();
        for (int from = indexes.nextSetBit(0); from >= 0; ) {
            int end = indexes.nextClearBit(from);
            if (!text.isEmpty()) {
                text.append(',');
            }
            text.append(from);
            if (end - from > 1) {
                text.append('-').append(end - 1);
            }
            from = indexes.nextSetBit(end);
        }
        return text.toString();
    }

    /**
     * Reads the indexes, in any order.
     *
     * @param text null counts as the empty text
     * @param total all indexes are below it
     * @return empty if the text has another form, is too long or has an index that does not exist
     */
    public static Optional<BitSet> parse(@Nullable String text, int total) {
        if (text == null || text.isEmpty()) {
            return Optional.of(new BitSet());
        }
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        var ranges = new IndexRanges(text, total);
        return ranges.read() ? Optional.of(ranges.indexes) : Optional.empty();
    }

    private boolean read() {
        do {
            int from = number();
            int to = isAt('-') ? number() : from;
            if (from < 0 || to < from || to >= total) {
                return false;
            }
            indexes.set(from, to + 1);
        } while (isAt(','));
        return position == text.length();
    }

    /** Passes over the character if it is the next one. */
    private boolean isAt(char c) {
        if (position < text.length() && text.charAt(position) == c) {
            position++;
            return true;
        }
        return false;
    }

    /** The number that stands here; -1 if there is none. */
    private int number() {
        int begin = position;
        int number = 0;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            number = (10 * number) + (text.charAt(position++) - '0');
            if (position - begin > MAX_DIGITS) {
                return -1;
            }
        }
        return position == begin ? -1 : number;
    }
}

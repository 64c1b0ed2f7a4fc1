package dev.taskqueue.operator.dispatch;

import java.util.Arrays;

/** Steps over the elements of DER, to make certificates that Java refuses. It stops at the first element that is not complete. */
final class DerCursor {
    private final byte[] der;
    private final int limit;
    private int from;
    private int content;
    private int end;

    DerCursor(byte[] der) {
        this(der, 0, der.length);
    }

    private DerCursor(byte[] der, int from, int limit) {
        this.der = der;
        this.limit = limit;
        this.end = from;
    }

    /** Steps to the next element. Returns false if there is none. */
    boolean next() {
        from = end;
        if (from + 2 > limit) {
            return false;
        }
        int length = der[from + 1] & 0xff;
        content = from + 2;
        if (length > 0x7f) {
            int digits = length & 0x7f;
            if (digits == 0 || digits > 3 || content + digits > limit) {
                return false;
            }
            length = 0;
            for (int i = 0; i < digits; i++) {
                length = (length << 8) | (der[content++] & 0xff);
            }
        }
        end = content + length;
        return end <= limit;
    }

    int tag() {
        return der[from] & 0xff;
    }

    /** The elements within this element. */
    DerCursor inside() {
        return new DerCursor(der, content, end);
    }

    /** The element with its tag and its length. */
    byte[] element() {
        return Arrays.copyOfRange(der, from, end);
    }

    /** The element without them. */
    byte[] content() {
        return Arrays.copyOfRange(der, content, end);
    }
}

package dev.taskqueue.operator.simulation.apiserver;

/** Parts of JSON texts. */
final class Bytes {
    static final byte[] CLOSING_BRACE = {'}'};

    private Bytes() {}

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}

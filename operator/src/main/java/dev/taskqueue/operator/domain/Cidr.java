package dev.taskqueue.operator.domain;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A block of addresses, such as {@code 127.20.0.0/16} or {@code fd00::/8}. An IPv6 address that only wraps an IPv4 address counts as the IPv4
 * address: IPv4-mapped ({@code ::ffff:10.0.0.1}), and NAT64 with the well-known prefix ({@code 64:ff9b::10.0.0.1}).
 *
 * @param network the block's first address
 * @param prefix how many of its leading bits count: 0 to 32, for IPv6 0 to 128
 */
public record Cidr(InetAddress network, int prefix) {
    private static final Pattern FORM = Pattern.compile("([0-9.]{7,15}|[0-9a-fA-F:.]{2,45})/(0|[1-9][0-9]{0,2})");
    /** {@code 64:ff9b::/96}. */
    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    private static final Pattern FOUR_PARTS = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

    public Cidr {
        if (prefix < 0 || prefix > network.getAddress().length * 8) {
            throw new IllegalArgumentException(
                    "/" + prefix + " is longer than the address; write at most /" + network.getAddress().length * 8);
        }
        InetAddress first = firstOf(network, prefix);
        if (!first.equals(network)) {
            throw new IllegalArgumentException(network.getHostAddress() + "/" + prefix
                    + " has bits set behind its prefix; write " + first.getHostAddress() + "/" + prefix);
        }
    }

    /**
     * Reads the written form, in full: no short forms, no zone, no bits behind the prefix.
     *
     * @throws IllegalArgumentException with a sentence that says what to write instead
     */
    public static Cidr parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw unreadable(text);
        }
        String literal = form.group(1);
        if (!literal.contains(":") && !FOUR_PARTS.matcher(literal).matches()) {
            throw unreadable(text);
        }
        int prefix = Integer.parseInt(form.group(2));
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            throw unreadable(text);
        }
        InetAddress plain = normalised(address);
        boolean wrapped = literal.contains(":") && plain.getAddress().length == 4;
        if (wrapped && (prefix < 96 || prefix > 128)) {
            throw unreadable(text);
        }
        return new Cidr(plain, wrapped ? prefix - 96 : prefix);
    }

    /** Whether {@code address} lies in this block. An address of the other family never does. */
    public boolean contains(InetAddress address) {
        InetAddress plain = normalised(address);
        return plain.getAddress().length == network.getAddress().length
                && firstOf(plain, prefix).equals(network);
    }

    /** The same address, or the IPv4 address that it wraps. Scopes are dropped: they are not part of an address. */
    public static InetAddress normalised(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 16 && Arrays.equals(bytes, 0, NAT64.length, NAT64, 0, NAT64.length)) {
            return ofBytes(Arrays.copyOfRange(bytes, NAT64.length, 16));
        }
        // getByAddress turns a mapped address into an Inet4Address. Only an Inet6Address that was built on purpose can
        // hold one.
        return ofBytes(bytes);
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }

    private static InetAddress firstOf(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        int whole = prefix / 8;
        if (whole < bytes.length) {
            bytes[whole] &= (byte) (0xff00 >> prefix % 8);
            Arrays.fill(bytes, whole + 1, bytes.length, (byte) 0);
        }
        return ofBytes(bytes);
    }

    private static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException("\"" + text
                + "\" is no block of addresses; write an address and a prefix, such as 10.0.0.0/8 or fd00::/8");
    }
}

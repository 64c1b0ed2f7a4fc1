package dev.taskqueue.operator.kube;

import java.util.HexFormat;

/**
 * The name of this operator in {@code metadata.managedFields} of what it writes. Operators that share a Lease have the same name, so another name
 * shows that an operator with another Lease has written an object. The API server keeps these names anyway, so this costs no write.
 */
public record FieldOwner(String name) {
    /** An operator without a Lease. */
    public static final FieldOwner ALONE = new FieldOwner("taskqueue-operator");

    private static final String OF_A_LEASE = ALONE.name + "/";
    /** The longest name that the API server accepts. */
    private static final int MAX_LENGTH = 128;

    /** The name of the operators that share this Lease. It is readable; only the end of a very long one is replaced. */
    public static FieldOwner ofLease(String namespace, String lease) {
        String name = OF_A_LEASE + namespace + "/" + lease;
        if (name.length() > MAX_LENGTH) {
            String hash = "~" + HexFormat.of().toHexDigits(name.hashCode());
            name = name.substring(0, MAX_LENGTH - hash.length()) + hash;
        }
        return new FieldOwner(name);
    }

    /** Whether this is the name of operators with another Lease. An operator without a Lease, or of an older version, cannot be told apart. */
    public boolean isOfAnotherLease(String manager) {
        return manager.startsWith(OF_A_LEASE) && !manager.equals(name);
    }

    /** The Lease in such a name, as {@code namespace/name}. */
    public static String lease(String manager) {
        return manager.substring(OF_A_LEASE.length());
    }
}

package dev.taskqueue.operator.task;

/** Names of objects that are created for another object. */
public final class DerivedNames {
    /** The longest name of an object in Kubernetes. */
    private static final int MAX_LENGTH = 253;

    private static final int SHOWN_UID = 8;

    private DerivedNames() {}

    /** The name with a suffix; the name is shortened if both are too long. */
    public static String of(String name, String suffix) {
        String cut = name.substring(0, Math.min(name.length(), MAX_LENGTH - suffix.length()));
        // The shortened name may end in a dot, and no part of a name may begin with a dash.
        return cut.replaceFirst("[.-]+$", "") + suffix;
    }

    /** The beginning of a UID: enough to tell an object from an earlier one of the same name. */
    public static String shortUid(String uid) {
        return uid.substring(0, Math.min(SHOWN_UID, uid.length()));
    }
}

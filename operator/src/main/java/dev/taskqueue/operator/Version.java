package dev.taskqueue.operator;

/** The version of the operator. */
final class Version {
    private Version() {}

    /** The version in the manifest of the jar; {@code dev} when the classes come from elsewhere. */
    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}

package dev.taskqueue.gateway;

import java.util.Objects;

/** The version of this gateway, from the manifest of its jar. */
final class Version {
    private Version() {}

    static String current() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    }
}

package dev.taskqueue.gateway;

import java.util.Objects;

/** The version of this gateway, from the manifest of its jar. */
final class GatewayVersion {
    private GatewayVersion() {}

    static String current() {
        return Objects.requireNonNullElse(GatewayVersion.class.getPackage().getImplementationVersion(), "development");
    }
}

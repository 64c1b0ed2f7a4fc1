package dev.taskqueue.operator.domain;

import java.util.regex.Pattern;

/** Rules for DNS names. */
public final class DnsNames {
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private DnsNames() {}

    /** Whether {@code tls.serverName} may have this value: a DNS name whose last label begins with a letter, so not an IP address. */
    public static boolean isServerName(String name) {
        return NAME.matcher(name).matches();
    }
}

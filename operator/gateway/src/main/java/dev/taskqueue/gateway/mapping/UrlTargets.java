package dev.taskqueue.gateway.mapping;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.MappingRules.ServiceRef;
import dev.taskqueue.gateway.mapping.MappingRules.TargetRule;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the Service that a url means: an entry of the mapping file, the url's own host, or the queue's target. */
final class UrlTargets {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    /** {@code SERVICE.NAMESPACE.svc}, and the domain behind it. */
    private static final Pattern SERVICE_HOST = Pattern.compile("([^.]+)\\.([^.]+)\\.svc(?:\\.(.*))?");

    private final MappingRules rules;
    private final BiPredicate<String, String> services;
    private final Consumer<String> unmapped;

    /**
     * Finds targets by these rules.
     *
     * @param services whether a namespace has a Service with the first label of a host; always false outside the dev mode
     * @param unmapped gets the namespace whenever a url has no target
     */
    UrlTargets(MappingRules rules, BiPredicate<String, String> services, Consumer<String> unmapped) {
        this.rules = rules;
        this.services = services;
        this.unmapped = unmapped;
    }

    /**
     * Where a Task goes.
     *
     * @param service null if the queue decides
     * @param scheme HTTP or HTTPS; null = the operator's default for the port
     * @param path with the query
     */
    record Target(@Nullable ServiceRef service, @Nullable String scheme, String path) {}

    /**
     * Finds the target, or refuses the url. An empty one goes to the Service that is called like the queue, where there may be one: firebase-admin sends it
     * to an emulator.
     */
    Target find(String url, String namespace, QueueSnapshot queue) {
        return url.isEmpty() && services.test(namespace, queue.object())
                ? new Target(new ServiceRef(queue.object(), null), null, "/")
                : find(TargetUrl.parse(url), namespace, queue);
    }

    private Target find(TargetUrl url, String namespace, QueueSnapshot queue) {
        return mapped(url, namespace)
                .or(() -> ownHost(url, namespace))
                .or(() -> queue.ownsTarget()
                        ? Optional.of(new Target(null, null, url.path() + url.query()))
                        : Optional.empty())
                .or(() -> firstLabel(url, namespace))
                .orElseThrow(() -> unmapped(url, namespace));
    }

    private RpcFailure unmapped(TargetUrl url, String namespace) {
        unmapped.accept(namespace);
        return RpcFailure.invalid(
                TargetUrl.FIELD,
                "The host of HttpRequest.url, \"" + url.host()
                        + "\", is no Service of this cluster; map it in gateway.targets, or see docs/migration.md.");
    }

    private Optional<Target> mapped(TargetUrl url, String namespace) {
        String whole = url.normalized();
        return rules.targets().stream()
                .filter(rule -> rule.namespace().equals(namespace) && begins(whole, rule.prefix()))
                .findFirst()
                .map(rule -> new Target(rule.serviceRef(), rule.scheme(), path(rule, url)));
    }

    /** {@code https://run.app} must not match {@code https://run.app.evil}. */
    private static boolean begins(String url, String prefix) {
        if (!url.startsWith(prefix)) {
            return false;
        }
        return prefix.endsWith("/")
                || url.length() == prefix.length()
                || url.charAt(prefix.length()) == '/'
                || url.charAt(prefix.length()) == '?';
    }

    private static String path(TargetRule rule, TargetUrl url) {
        String given = rule.pathPrefix();
        if (given == null) {
            return url.path() + url.query();
        }
        String rest = url.normalized().substring(rule.prefix().length());
        if (given.endsWith("/") && rest.startsWith("/")) {
            return given + rest.substring(1);
        }
        boolean joins = given.endsWith("/") || rest.isEmpty() || rest.startsWith("/") || rest.startsWith("?");
        return joins ? given + rest : given + "/" + rest;
    }

    private Optional<Target> ownHost(TargetUrl url, String namespace) {
        if (LABEL.matcher(url.host()).matches()) {
            return Optional.of(service(url, url.host()));
        }
        Matcher parts = SERVICE_HOST.matcher(url.host());
        boolean isOurs = parts.matches()
                && (parts.group(3) == null || parts.group(3).equals(rules.clusterDomain()))
                && LABEL.matcher(parts.group(1)).matches();
        if (!isOurs) {
            return Optional.empty();
        }
        if (!parts.group(2).equals(namespace)) {
            throw RpcFailure.invalid(
                    TargetUrl.FIELD,
                    "HttpRequest.url names a Service of the namespace " + parts.group(2)
                            + "; a task goes to Services of its own namespace only, which is " + namespace + ".");
        }
        return Optional.of(service(url, parts.group(1)));
    }

    private Optional<Target> firstLabel(TargetUrl url, String namespace) {
        String label = url.host().split("\\.", 2)[0];
        return LABEL.matcher(label).matches() && services.test(namespace, label)
                ? Optional.of(new Target(new ServiceRef(label, null), null, url.path() + url.query()))
                : Optional.empty();
    }

    private static Target service(TargetUrl url, String name) {
        return new Target(
                new ServiceRef(name, String.valueOf(url.effectivePort())),
                url.scheme().toUpperCase(Locale.ROOT),
                url.path() + url.query());
    }

    /** The target of a Task for App Engine. */
    ServiceRef appEngine(String namespace, String service, String version) {
        String name = service.isEmpty() ? "default" : service;
        return rules.appEngine(namespace, name, version)
                .or(() -> version.isEmpty() && LABEL.matcher(name).matches()
                        ? Optional.of(new ServiceRef(name, null))
                        : Optional.empty())
                .orElseThrow(() -> RpcFailure.of(
                        Code.INVALID_ARGUMENT,
                        "AppEngineRouting names the service \"" + ShownText.text(name) + "\" and the version \""
                                + ShownText.text(version)
                                + "\", which stand for no Service of this cluster; map them in gateway.appEngine."));
    }
}

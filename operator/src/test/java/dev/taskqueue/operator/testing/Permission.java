package dev.taskqueue.operator.testing;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.List;
import java.util.stream.Stream;

/**
 * One verb on one kind of object, granted by a role.
 *
 * @param role with its kind, such as {@code Role taskqueue-lease}
 * @param namespace in which it holds; empty = all
 * @param resource with API group and subresource, such as {@code tasks.taskqueue.dev/status}
 * @param name of the only object for which it holds; empty = all
 */
public record Permission(String role, String namespace, String verb, String resource, String name)
        implements Comparable<Permission> {
    static String resource(String group, String resource, String subresource) {
        return resource + (group.isEmpty() ? "" : "." + group) + (subresource.isEmpty() ? "" : "/" + subresource);
    }

    /** All permissions that a rule grants. */
    static Stream<Permission> of(String role, String namespace, PolicyRule rule) {
        Stream<String> objects = rule.getApiGroups().stream()
                .flatMap(group -> rule.getResources().stream().map(resource -> {
                    String[] parts = resource.split("/", 2);
                    return resource(group, parts[0], parts.length > 1 ? parts[1] : "");
                }));
        List<String> names = rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
        return Stream.concat(objects, rule.getNonResourceURLs().stream())
                .flatMap(what -> rule.getVerbs().stream()
                        .flatMap(
                                verb -> names.stream().map(name -> new Permission(role, namespace, verb, what, name))));
    }

    /** The same permission without its namespace. A chart's permission in one namespace is one rule, for any number of namespaces. */
    public Permission anywhere() {
        return new Permission(role, "", verb, resource, name);
    }

    /** Whether this permission allows such a request. */
    boolean covers(AuditLog.Request request) {
        return verb.equals(request.verb())
                && resource.equals(request.resource())
                && (name.isEmpty() || name.equals(request.name()));
    }

    @Override
    public int compareTo(Permission other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return role + (namespace.isEmpty() ? "" : " in " + namespace) + ": " + verb + " " + resource
                + (name.isEmpty() ? "" : " " + name);
    }
}

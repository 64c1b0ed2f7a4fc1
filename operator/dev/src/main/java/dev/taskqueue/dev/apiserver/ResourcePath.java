package dev.taskqueue.dev.apiserver;

import java.util.List;
import java.util.Optional;

/**
 * The resource that a path under {@code /api/v1} or {@code /apis/GROUP/VERSION} names.
 *
 * @param namespace empty = all namespaces, or the resource has no namespace
 * @param name empty = the collection
 * @param subresource empty = the object itself
 */
record ResourcePath(ResourceType type, String namespace, String name, String subresource) {

    /** Reads a path; empty if the path does not name a resource of this server. */
    static Optional<ResourcePath> of(List<String> path, ResourceTypes types) {
        if (path.size() >= 3 && path.getFirst().equals("api")) {
            return of("", path.get(1), path.subList(2, path.size()), types);
        }
        if (path.size() >= 4 && path.getFirst().equals("apis")) {
            return of(path.get(1), path.get(2), path.subList(3, path.size()), types);
        }
        return Optional.empty();
    }

    private static Optional<ResourcePath> of(String group, String version, List<String> rest, ResourceTypes types) {
        // A namespace is itself a resource: /namespaces/NAME, /namespaces/NAME/status.
        boolean inside = rest.size() >= 3
                && rest.getFirst().equals("namespaces")
                && !rest.get(2).equals("status");
        List<String> own = inside ? rest.subList(2, rest.size()) : rest;
        if (own.size() > 3) {
            return Optional.empty();
        }
        return types.find(group, version, own.getFirst())
                .filter(type -> type.namespaced() ? inside || own.size() == 1 : !inside)
                .map(type -> new ResourcePath(
                        type,
                        inside ? rest.get(1) : "",
                        own.size() > 1 ? own.get(1) : "",
                        own.size() > 2 ? own.get(2) : ""));
    }

    boolean isCollection() {
        return name.isEmpty();
    }

    boolean isStatus() {
        return subresource.equals("status");
    }
}

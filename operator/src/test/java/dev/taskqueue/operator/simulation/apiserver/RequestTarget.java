package dev.taskqueue.operator.simulation.apiserver;

/**
 * What the path of a request names.
 *
 * @param namespace empty = all, or a kind without namespaces
 * @param name empty = the collection
 * @param subresource such as {@code status}; empty = the object itself
 */
record RequestTarget(ResourceKind kind, String namespace, String name, String subresource) {

    /** Reads {@code /api/v1/...} or {@code /apis/GROUP/VERSION/...}. */
    static RequestTarget of(String path) {
        String[] parts = path.substring(1).split("/", -1);
        int at = parts[0].equals("api") ? 2 : 3;
        if (parts.length <= at || !(parts[0].equals("api") || parts[0].equals("apis"))) {
            throw RequestFailure.noSuchResource();
        }
        String apiVersion = at == 2 ? parts[1] : parts[1] + "/" + parts[2];
        String namespace = "";
        if (parts[at].equals("namespaces") && parts.length > at + 2) {
            namespace = parts[at + 1];
            at += 2;
        }
        ResourceKind kind = ResourceKind.of(apiVersion, parts[at]);
        if (kind == null || parts.length > at + 3) {
            throw RequestFailure.noSuchResource();
        }
        boolean hasName = parts.length > at + 1;
        if (kind.isNamespaced() ? hasName && namespace.isEmpty() : !namespace.isEmpty()) {
            throw RequestFailure.noSuchResource();
        }
        String name = hasName ? parts[at + 1] : "";
        String subresource = parts.length > at + 2 ? parts[at + 2] : "";
        return new RequestTarget(kind, namespace, name, subresource);
    }

    boolean isCollection() {
        return name.isEmpty();
    }

    boolean isStatus() {
        return subresource.equals("status");
    }

    boolean isToken() {
        return subresource.equals("token") && kind == ResourceKind.SERVICE_ACCOUNT;
    }

    /** Throws if this kind has no such subresource. */
    void checkSubresource() {
        boolean isKnown = subresource.isEmpty() || isToken() || (isStatus() && kind.hasStatusSubresource());
        if (!isKnown) {
            throw kind.isCustom() ? RequestFailure.notFound(kind, name) : RequestFailure.noSuchResource();
        }
    }

    /** The key of the object in the store. */
    String key() {
        return key(namespace, name);
    }

    static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}

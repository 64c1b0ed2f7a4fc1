package dev.taskqueue.dev.apiserver;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One resource of one version, as discovery shows it.
 *
 * @param group empty for the core group
 * @param statusApart whether only the subresource {@code status} can write the status
 * @param columns that {@code kubectl get} shows beside the name
 * @param custom the rules of its CRD; null for the kinds of Kubernetes itself, which are stored as they were sent
 */
record ResourceType(
        String group,
        String version,
        String plural,
        String kind,
        boolean namespaced,
        boolean statusApart,
        List<String> shortNames,
        List<String> categories,
        List<Column> columns,
        @Nullable CustomRules custom) {

    /**
     * A printer column.
     *
     * @param wide shown only with {@code -o wide}
     */
    record Column(String name, String type, String description, boolean wide, FieldPath path) {}

    static final String AGE = ".metadata.creationTimestamp";

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    String singular() {
        return kind.toLowerCase(java.util.Locale.ROOT);
    }

    /** The name that messages use: {@code tasks.taskqueue.dev}, {@code services}. */
    String qualifiedPlural() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /** The path of its collection in the given namespace. */
    String path(String namespace) {
        return (group.isEmpty() ? "/api/" : "/apis/" + group + "/")
                + version
                + (namespaced ? "/namespaces/" + namespace : "")
                + "/"
                + plural;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceType type
                && type.group.equals(group)
                && type.version.equals(version)
                && type.plural.equals(plural);
    }

    @Override
    public int hashCode() {
        return qualifiedPlural().hashCode();
    }
}

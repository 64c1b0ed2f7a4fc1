package dev.taskqueue.operator.cache;

import java.util.Collection;
import java.util.List;

/** An object that the API server lists, as far as it matters whether it still exists. */
public interface ListedObject {
    String namespace();

    /** The list that last held the object. Only the reflector's thread asks for it. */
    int listing();

    /**
     * The objects that a new list should have held, and did not: they were deleted while nobody watched.
     *
     * @param namespace which was listed; empty = all
     */
    static <T extends ListedObject> List<T> missing(Collection<T> all, String namespace, int listing) {
        return all.stream()
                .filter(object ->
                        object.listing() != listing && (namespace.isEmpty() || namespace.equals(object.namespace())))
                .toList();
    }
}

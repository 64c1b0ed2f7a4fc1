package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of a CRD for its objects: their schema, its defaults, and its rules in CEL. */
final class CustomRules {
    /** The fields that every object has, independent of the schema. */
    private static final Set<String> OF_EVERY_OBJECT = Set.of("apiVersion", "kind", "metadata");

    /** Errors after which the CEL rules are not evaluated: they could only report the same error, less clearly. */
    private static final Set<String> BLOCKING = Set.of(
            "FieldValueRequired",
            "FieldValueTooLong",
            "FieldValueTooMany",
            "FieldValueTypeInvalid",
            "FieldValueDuplicate");

    private final ObjectNode schema;
    private final Set<String> selectableFields;
    private final CelRules cel;

    CustomRules(ObjectNode schema, Set<String> selectableFields) {
        this.schema = schema;
        this.selectableFields = selectableFields;
        this.cel = new CelRules(schema);
    }

    ObjectNode schema() {
        return schema;
    }

    Set<String> selectableFields() {
        return selectableFields;
    }

    /** Removes fields that the schema does not know, sets the defaults of the schema, and returns the paths of the unknown fields. */
    List<String> shape(ObjectNode object) {
        var unknown = new ArrayList<String>();
        FieldPruning.prune(schema, object, OF_EVERY_OBJECT, unknown);
        FieldPruning.setDefaults(schema, object);
        return unknown;
    }

    /**
     * The errors of the object; empty if it is valid.
     *
     * @param before the object before the write. Unchanged parts are not checked again, so that a rule that was added later does not block a
     *     status
     */
    List<ApiFailure.Cause> judge(ObjectNode object, @Nullable JsonNode before) {
        var causes = new ArrayList<>(new SchemaCheck().check(schema, object, before));
        if (causes.stream().noneMatch(cause -> BLOCKING.contains(cause.reason()))) {
            causes.addAll(cel.check(object, before));
        }
        return causes;
    }
}

package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a CRD says about its objects: their schema, its defaults, and its rules in CEL. */
final class CustomRules {
    /** What every object has, whatever the schema says. */
    private static final Set<String> OF_EVERY_OBJECT = Set.of("apiVersion", "kind", "metadata");

    /** Errors after which the rules in CEL are not asked: they could only repeat them, less clearly. */
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

    /** Removes what the schema does not know, sets what it has defaults for, and returns the paths of the unknown. */
    List<String> shape(ObjectNode object) {
        var unknown = new ArrayList<String>();
        FieldPruning.prune(schema, object, OF_EVERY_OBJECT, unknown);
        FieldPruning.setDefaults(schema, object);
        return unknown;
    }

    /**
     * What is wrong with the object; empty where nothing is.
     *
     * @param before what it was; parts that have not changed are not judged again, so that a rule which came later does not block a status
     */
    List<ApiFailure.Cause> judge(ObjectNode object, @Nullable JsonNode before) {
        var causes = new ArrayList<>(new SchemaCheck().check(schema, object, before));
        if (causes.stream().noneMatch(cause -> BLOCKING.contains(cause.reason()))) {
            causes.addAll(cel.check(object, before));
        }
        return causes;
    }
}

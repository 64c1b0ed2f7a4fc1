package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.taskqueue.dev.apiserver.ApiFailure.Cause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The CEL rules of a CRD, compiled once, in a tree that follows the tree of the schema. */
final class CelRules {
    private static final CelOptions OPTIONS =
            CelOptions.current().enableHeterogeneousNumericComparisons(true).build();
    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addLibraries(CelExtensions.strings(), CelExtensions.optional())
            .addFunctionDeclarations(KubernetesFunctions.declarations())
            .addVar("self", SimpleType.DYN)
            .addVar("oldSelf", SimpleType.DYN)
            .build();
    private static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(CelExtensions.strings(), CelExtensions.optional())
            .addFunctionBindings(KubernetesFunctions.bindings())
            .build();

    private final Node root;

    /**
     * One rule.
     *
     * @param fieldPath the field inside the object that the rule is about; empty = the object
     * @param ofChanges compares with the old value, so it is evaluated only if there is an old value
     */
    private record Rule(String message, String fieldPath, CelRuntime.Program program, boolean ofChanges) {}

    private record Node(
            List<Rule> rules,
            Map<String, Node> fields,
            @Nullable Node inner) {
        boolean isEmpty() {
            return rules.isEmpty() && fields.isEmpty() && inner == null;
        }
    }

    /** @throws IllegalArgumentException if a rule uses something that is not supported here */
    CelRules(ObjectNode schema) {
        root = node(schema);
    }

    List<Cause> check(ObjectNode object, @Nullable JsonNode before) {
        var causes = new ArrayList<Cause>();
        check(root, object, before, "", causes);
        return causes;
    }

    private static Node node(JsonNode schema) {
        var rules = new ArrayList<Rule>();
        schema.path("x-kubernetes-validations").forEach(rule -> rules.add(rule(rule)));
        var fields = new LinkedHashMap<String, Node>();
        schema.path("properties").properties().forEach(property -> {
            Node field = node(property.getValue());
            if (!field.isEmpty()) {
                fields.put(property.getKey(), field);
            }
        });
        JsonNode innerSchema = schema.path(schema.path("items").isObject() ? "items" : "additionalProperties");
        Node inner = innerSchema.isObject() ? node(innerSchema) : null;
        return new Node(List.copyOf(rules), fields, inner == null || inner.isEmpty() ? null : inner);
    }

    private static Rule rule(JsonNode rule) {
        String text = rule.path("rule").asText();
        try {
            var program = RUNTIME.createProgram(COMPILER.compile(text).getAst());
            String message = rule.path("message").asText("failed rule: " + text);
            return new Rule(message, rule.path("fieldPath").asText(), program, text.contains("oldSelf"));
        } catch (CelValidationException | CelEvaluationException wrong) {
            throw new IllegalArgumentException("cannot compile the rule " + text + ": " + wrong.getMessage(), wrong);
        }
    }

    private static void check(Node node, JsonNode value, @Nullable JsonNode before, String path, List<Cause> causes) {
        if (value.equals(before)) {
            return;
        }
        if (!node.rules.isEmpty()) {
            Object self = CelValues.of(value);
            for (Rule rule : node.rules) {
                if (!rule.ofChanges || before != null) {
                    judge(rule, self, before, path).ifPresent(causes::add);
                }
            }
        }
        node.fields.forEach((name, field) -> {
            if (value.has(name)) {
                JsonNode was = before == null ? null : before.get(name);
                check(field, value.path(name), was, path.isEmpty() ? name : path + "." + name, causes);
            }
        });
        if (node.inner != null) {
            inner(node.inner, value, path, causes);
        }
    }

    /** Checks the items of lists and maps without their old values. The items have no identity by which a rule of ours could find the old value. */
    private static void inner(Node inner, JsonNode value, String path, List<Cause> causes) {
        if (value.isObject()) {
            value.properties()
                    .forEach(field -> check(inner, field.getValue(), null, path + "." + field.getKey(), causes));
        } else {
            for (int i = 0; i < value.size(); i++) {
                check(inner, value.path(i), null, path + "[" + i + "]", causes);
            }
        }
    }

    private static java.util.Optional<Cause> judge(Rule rule, Object self, @Nullable JsonNode before, String path) {
        var variables = new HashMap<String, Object>();
        variables.put("self", self);
        if (rule.ofChanges && before != null) {
            variables.put("oldSelf", CelValues.of(before));
        }
        boolean kept;
        try {
            kept = rule.program.eval(variables) instanceof Boolean answer && answer;
        } catch (CelEvaluationException cannotTell) {
            kept = false;
        }
        String shown = self instanceof Map || self instanceof List ? "\"" + kindOf(self) + "\"" : "\"" + self + "\"";
        return kept
                ? java.util.Optional.empty()
                : java.util.Optional.of(new Cause(
                        "FieldValueInvalid",
                        path + rule.fieldPath,
                        "Invalid value: " + (shown.length() > 200 ? "\"string\"" : shown) + ": " + rule.message));
    }

    private static String kindOf(Object value) {
        return value instanceof Map ? "object" : "array";
    }
}

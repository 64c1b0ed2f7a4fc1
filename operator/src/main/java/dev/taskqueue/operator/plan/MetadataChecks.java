package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.domain.SimilarNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Checks names and annotations of an object. Pure. */
final class MetadataChecks {
    private static final String PREFIX = "taskqueue.dev/";
    private static final int MAX_NAME = 253;
    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final Pattern NAMESPACE = Pattern.compile("(?=.{1,63}$)" + LABEL);

    private static final Set<String> OF_TASKS = Set.of(Annotations.RUN_NOW, Annotations.REDRIVE, Annotations.KEY);
    /** Annotations of Tasks that nobody writes for the operator: the one that it writes itself, and the dev mode's. */
    private static final Set<String> OTHERS = Set.of(Annotations.COMPLETED, PREFIX + "expect");

    private static final Set<String> OF_BATCHES =
            Set.of(Annotations.RUN_NOW, Annotations.REDRIVE, Annotations.KEY, Annotations.HOLD, Annotations.CANCEL);
    private static final Set<String> OF_QUEUES = Set.of(Annotations.HOLD, Annotations.HOLD_UNTIL, Annotations.REDRIVE);

    private MetadataChecks() {}

    static List<Finding> of(ManifestObject declared) {
        var findings = new ArrayList<Finding>();
        JsonNode metadata = declared.object().path("metadata");
        checkName(metadata, findings);
        String namespace = declared.namespace();
        if (!NAMESPACE.matcher(namespace).matches()) {
            findings.add(Finding.error(
                    "InvalidName",
                    "metadata.namespace \"%s\" is no namespace: write at most 63 lower-case letters, digits and \"-\"."
                            .formatted(namespace)));
        }
        metadata.path("annotations").fieldNames().forEachRemaining(name -> {
            if (name.startsWith(PREFIX)) {
                checkAnnotation(declared, name, findings);
            }
        });
        return findings;
    }

    private static void checkName(JsonNode metadata, List<Finding> findings) {
        boolean given = metadata.hasNonNull("name");
        String field = given ? "name" : "generateName";
        String text = metadata.path(field).asText();
        // The API server adds letters and digits to a generateName.
        String name = given ? text : text + "x";
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            findings.add(Finding.error(
                    "InvalidName",
                    "metadata.%s \"%s\" is no name for an object: write at most 253 lower-case letters, digits, \"-\" and \".\", with a letter or digit at %s."
                            .formatted(field, text, given ? "both ends" : "its beginning")));
        }
    }

    private static void checkAnnotation(ManifestObject declared, String name, List<Finding> findings) {
        boolean queue = declared.is("TaskQueue");
        Set<String> known = queue ? OF_QUEUES : declared.is("Task") ? OF_TASKS : OF_BATCHES;
        if (known.contains(name) || (!queue && OTHERS.contains(name))) {
            return;
        }
        String advice;
        if (OF_QUEUES.contains(name)) {
            advice = "it is an annotation of a TaskQueue.";
        } else if (OF_TASKS.contains(name) || OF_BATCHES.contains(name)) {
            advice = "it is an annotation of a " + (OF_TASKS.contains(name) ? "Task" : "TaskBatch") + ".";
        } else {
            String nearest = SimilarNames.nearest(
                    name.substring(PREFIX.length()),
                    known.stream().map(one -> one.substring(PREFIX.length())).toList());
            advice = nearest == null
                    ? "write one of " + String.join(", ", new TreeSet<>(known)) + "."
                    : "did you mean " + PREFIX + nearest + "?";
        }
        findings.add(Finding.warning(
                "UnknownAnnotation",
                "The annotation %s has no effect on a %s: %s".formatted(name, declared.kind(), advice)));
    }
}

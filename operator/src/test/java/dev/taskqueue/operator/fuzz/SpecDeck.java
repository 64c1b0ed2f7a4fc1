package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.Annotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** All specs of a seed. Each depends on the seed and its index alone, so one can be made again without the others. */
final class SpecDeck {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final CrdSchema TASK = CrdSchema.of("Task");
    private static final CrdSchema BATCH = CrdSchema.of("TaskBatch");
    private static final CrdSchema QUEUE = CrdSchema.of("TaskQueue");
    private static final List<String> TASK_ANNOTATIONS =
            List.of(Annotations.RUN_NOW, Annotations.REDRIVE, Annotations.KEY, Annotations.COMPLETED, Annotations.HOLD);
    private static final List<String> BATCH_ANNOTATIONS = List.of(
            Annotations.RUN_NOW,
            Annotations.RUN_NOW,
            Annotations.REDRIVE,
            Annotations.HOLD,
            Annotations.CANCEL,
            Annotations.COMPLETED,
            Annotations.KEY,
            Annotations.BATCH_UID);
    private static final List<String> INDEXES = List.of(
            "0",
            "0-1,3 x1",
            "0,0,0",
            "1-0",
            "999",
            "1000",
            "0-999",
            "0-",
            "-1",
            ",",
            "0,",
            "0 , 1",
            "00",
            "2147483648",
            "99999999999999999999",
            "0-2147483647",
            "\u0660");
    private static final List<String> QUEUE_ANNOTATIONS =
            List.of(Annotations.HOLD, Annotations.HOLD_UNTIL, Annotations.REDRIVE, Annotations.RUN_NOW);
    private static final List<String> LABELS =
            List.of("app", "taskqueue.dev/x", "a/b/c", "", "kustomize.toolkit.fluxcd.io/name");

    private final long seed;
    private final Map<String, List<String>> names;

    SpecDeck(long seed, Map<String, List<String>> names) {
        this.seed = seed;
        this.names = names;
    }

    FuzzSpec spec(int index) {
        var random = new SplittableRandom(seed * 1_000_003L + index);
        int kind = random.nextInt(8);
        CrdSchema schema = kind == 0 ? QUEUE : kind < 3 ? BATCH : TASK;
        var values = new SpecGenerator(random, names);
        ObjectNode manifest = JSON.objectNode();
        manifest.put("apiVersion", "taskqueue.dev/v1beta1");
        manifest.put("kind", schema.equals(QUEUE) ? "TaskQueue" : schema.equals(BATCH) ? "TaskBatch" : "Task");
        ObjectNode metadata = manifest.putObject("metadata");
        manifest.set("spec", values.value(schema));
        List<String> changes = change(random, manifest, schema, values);
        if (random.nextInt(4) == 0) {
            metadata.set("annotations", annotations(random, schema));
        }
        if (random.nextInt(10) == 0) {
            metadata.putObject("labels").put(one(random, LABELS), random.nextBoolean() ? "a" : OddTexts.text(random));
        }
        if (random.nextInt(40) == 0) {
            metadata.put("name", OddTexts.text(random));
        }
        return new FuzzSpec(index, changes, manifest, later(random, schema, values), random.nextBoolean());
    }

    private static List<String> change(
            SplittableRandom random, ObjectNode manifest, CrdSchema schema, SpecGenerator values) {
        var changes = new ArrayList<String>();
        var mutator = new SpecMutator(random, values);
        SpecMutator.Kind[] kinds = SpecMutator.Kind.values();
        // Two of five are left as they are, and most of the others have one change.
        int roll = random.nextInt(20);
        int count = roll < 8 ? 0 : roll < 17 ? 1 : roll < 19 ? 2 : 5;
        for (int i = 0; i < count; i++) {
            changes.add(
                    mutator.change((ObjectNode) manifest.path("spec"), schema, kinds[random.nextInt(kinds.length)]));
        }
        if (random.nextInt(60) == 0) {
            manifest.set("spec", OddTexts.json(random, 2));
            changes.add("spec REPLACED");
        }
        if (random.nextInt(40) == 0) {
            // A status that a user writes at the creation does not count.
            manifest.putObject("status").put("state", one(random, List.of("Succeeded", "Failed", "Dispatching")));
        }
        return changes;
    }

    private ObjectNode later(SplittableRandom random, CrdSchema schema, SpecGenerator values) {
        ObjectNode patch = JSON.objectNode();
        if (random.nextInt(schema.equals(BATCH) ? 2 : 6) == 0) {
            patch.putObject("metadata").set("annotations", annotations(random, schema));
        }
        if (schema.equals(QUEUE) && random.nextInt(3) == 0) {
            patch.set("spec", values.value(QUEUE));
        }
        return patch;
    }

    private static ObjectNode annotations(SplittableRandom random, CrdSchema schema) {
        ObjectNode annotations = JSON.objectNode();
        List<String> known =
                schema.equals(TASK) ? TASK_ANNOTATIONS : schema.equals(BATCH) ? BATCH_ANNOTATIONS : QUEUE_ANNOTATIONS;
        for (int i = random.nextInt(1, 3); i > 0; i--) {
            String value = switch (random.nextInt(schema.equals(BATCH) ? 9 : 6)) {
                case 0 -> "2036-11-21T09:00:00Z";
                case 1 -> "2001-09-09T01:46:40Z";
                case 2 -> "{\"specHash\":\"sha256:0\",\"state\":\"Succeeded\",\"time\":\"2026-01-01T00:00:00Z\"}";
                case 3 -> "go-" + random.nextInt(100);
                case 6, 7, 8 -> one(random, INDEXES);
                default -> OddTexts.text(random);
            };
            annotations.put(one(random, known), value);
        }
        return annotations;
    }

    private static <T> T one(SplittableRandom random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}

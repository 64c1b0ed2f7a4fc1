package dev.taskqueue.operator.simulation.apiserver.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The script that shows whether two servers keep the same rules. Each scene has its own namespace. */
final class ConformanceScript {
    private static final Map<String, Consumer<Steps>> SCENES = new LinkedHashMap<>();

    static {
        SCENES.put("creation", WriteScenes::creation);
        SCENES.put("defaults", WriteScenes::defaultsAndUnknownFields);
        SCENES.put("locking", WriteScenes::optimisticLocking);
        SCENES.put("metadata", WriteScenes::metadataThatCannotChange);
        SCENES.put("status", WriteScenes::statusAndGeneration);
        SCENES.put("deletion", WriteScenes::deletion);
        SCENES.put("finalizers", WriteScenes::finalizers);
        SCENES.put("managers", WriteScenes::managers);
        SCENES.put("batches", BatchScenes::commits);
        SCENES.put("batch-reads", BatchScenes::reads);
        SCENES.put("leases", KindScenes::leases);
        SCENES.put("tokens", KindScenes::tokens);
        SCENES.put("secrets", KindScenes::secretsAndConfigMaps);
        SCENES.put("services", KindScenes::services);
        SCENES.put("namespaces", KindScenes::namespaces);
        SCENES.put("pages", ReadScenes::pages);
        SCENES.put("selectors", ReadScenes::selectors);
        SCENES.put("events", ReadScenes::events);
        SCENES.put("old-watches", ReadScenes::oldAndFutureWatches);
        SCENES.put("compaction", ReadScenes::compaction);
    }

    private ConformanceScript() {}

    /** Runs all scenes. Returns what was observed, a text for each step, which begins with the name of its scene. */
    static List<String> run(ScriptServer server) {
        var observed = new ArrayList<String>();
        SCENES.forEach((name, scene) -> {
            var steps = new Steps(server, name);
            steps.post("/api/v1/namespaces", "{'metadata':{'name':'" + name + "'}}");
            scene.accept(steps);
            int number = 1;
            for (String step : steps.observed()) {
                observed.add(name + " " + number++ + ": " + step);
            }
        });
        return observed;
    }
}

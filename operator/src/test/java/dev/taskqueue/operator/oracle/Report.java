package dev.taskqueue.operator.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects violations and counts. A rule that is broken everywhere must not fill the memory, so each keeps its first violations only. */
final class Report {
    private static final long KEPT_PER_RULE = 200;
    private static final int KEPT_STORIES = 1_000;

    private final List<Violation> violations = new ArrayList<>();
    private final Map<String, Long> counts = new HashMap<>();
    /** The stories of Tasks that broke a rule; they stay after the Task is gone. */
    private final Map<String, List<StoryLine>> stories = new LinkedHashMap<>();

    void count(String name) {
        counts.merge(name, 1L, Long::sum);
    }

    void count(String name, long much) {
        counts.merge(name, much, Long::sum);
    }

    void violation(long at, String rule, @Nullable TaskModel task, String text) {
        add(at, rule, task == null ? "" : task.key, text);
        if (task != null) {
            task.violated = true;
            keep(task);
        }
    }

    /** About a TaskQueue, a process or nothing named. */
    void violation(long at, String rule, String subject, String text) {
        add(at, rule, subject, text);
    }

    private void add(long at, String rule, String subject, String text) {
        long seen = counts.merge("violation:" + rule, 1L, Long::sum);
        if (seen <= KEPT_PER_RULE) {
            violations.add(new Violation(Values.instant(at), rule, subject, text));
        }
    }

    /** Keeps the story of a Task that broke a rule, as it is now. */
    void keep(TaskModel task) {
        if (task.violated && (stories.size() < KEPT_STORIES || stories.containsKey(task.key))) {
            stories.put(task.key, task.story());
        }
    }

    /** Keeps the story of anything else. */
    void keep(String subject, List<StoryLine> story) {
        stories.put(subject, story);
    }

    @Nullable List<StoryLine> story(String task) {
        return stories.get(task);
    }

    List<Violation> violations() {
        return List.copyOf(violations);
    }

    Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }
}

package dev.taskqueue.operator.cache;

import static dev.taskqueue.operator.cache.TaskLifeScript.Deed.DELETE;
import static dev.taskqueue.operator.cache.TaskLifeScript.Deed.EDIT;
import static dev.taskqueue.operator.cache.TaskLifeScript.Deed.REDRIVE;
import static dev.taskqueue.operator.cache.TaskLifeScript.Deed.REDRIVE_BY_QUEUE;
import static dev.taskqueue.operator.cache.TaskLifeScript.Deed.RUN_NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tries every order of the messages of one Task. {@link TaskLifeModel} says what must hold in each of them. */
class TaskLifeModelTest {
    private static final int ENOUGH = 10;

    @TestFactory
    Stream<DynamicTest> whateverComesFirst() {
        return Stream.of(
                        toldAndLost(List.of("Succeeded"), EDIT),
                        toldAndLost(List.of("BackingOff", "Succeeded"), RUN_NOW),
                        toldAndLost(List.of("BackingOff", "BackingOff"), RUN_NOW, EDIT),
                        toldAndLost(List.of("BackingOff", "Succeeded"), RUN_NOW, DELETE),
                        toldAndLost(List.of("Failed", "Succeeded"), REDRIVE),
                        lost(List.of("BackingOff", "Failed", "Succeeded"), RUN_NOW, REDRIVE),
                        lost(List.of("Failed", "Failed"), REDRIVE, EDIT),
                        lost(List.of("Failed", "BackingOff"), REDRIVE, RUN_NOW),
                        lost(List.of("Failed", "Failed"), REDRIVE, DELETE),
                        answered(List.of("Failed", "Failed"), REDRIVE, REDRIVE),
                        answered(List.of("Failed", "Failed"), REDRIVE_BY_QUEUE, REDRIVE))
                .map(script -> DynamicTest.dynamicTest(script.toString(), () -> explore(script)));
    }

    /** A script in which a write may be stored although its answer is lost, and in which waiting status is written. */
    private static TaskLifeScript toldAndLost(List<String> outcomes, TaskLifeScript.Deed... deeds) {
        return new TaskLifeScript(outcomes, List.of(deeds), true, true);
    }

    private static TaskLifeScript lost(List<String> outcomes, TaskLifeScript.Deed... deeds) {
        return new TaskLifeScript(outcomes, List.of(deeds), true, false);
    }

    private static TaskLifeScript answered(List<String> outcomes, TaskLifeScript.Deed... deeds) {
        return new TaskLifeScript(outcomes, List.of(deeds), false, false);
    }

    private record Path(String step, @Nullable Path before) {
        static String text(@Nullable Path path) {
            var steps = new ArrayDeque<String>();
            for (Path at = path; at != null; at = at.before) {
                steps.addFirst(at.step);
            }
            return String.join(" -> ", steps);
        }
    }

    private record Visit(TaskLifeModel world, @Nullable Path path) {}

    private static void explore(TaskLifeScript script) {
        Set<Object> known = new HashSet<>();
        var waiting = new ArrayDeque<Visit>();
        waiting.push(new Visit(new TaskLifeModel(script), null));
        int ends = 0;
        while (!waiting.isEmpty()) {
            Visit visit = waiting.pop();
            Map<String, TaskLifeModel> next = checked(visit, TaskLifeModel::next);
            if (next.isEmpty()) {
                ends++;
                checked(visit, world -> {
                    world.check();
                    return world;
                });
            }
            next.forEach((step, world) -> {
                if (known.add(world.key())) {
                    waiting.push(new Visit(world, new Path(step, visit.path())));
                }
            });
        }
        assertThat(ends).as("orders that were tried to their end").isGreaterThan(ENOUGH);
    }

    private static <T> T checked(Visit visit, Function<TaskLifeModel, T> look) {
        try {
            return look.apply(visit.world());
        } catch (AssertionError wrong) {
            throw new AssertionError("after " + Path.text(visit.path()), wrong);
        }
    }
}

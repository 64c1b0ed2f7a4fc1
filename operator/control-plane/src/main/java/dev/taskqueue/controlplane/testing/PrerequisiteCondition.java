package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Decides whether a test can run here; no other place decides this. JUnit finds it by {@code META-INF/services} and calls it before any code of a
 * test class runs, its static initializer included. If something is missing, the test is skipped. If the environment says {@code CI=true}, the test
 * fails instead.
 */
public final class PrerequisiteCondition implements ExecutionCondition {
    private static final String INTEGRATION_TEST = ".*(IT|Bench)";

    /**
     * What the test that this thread runs has declared; null if JUnit has not asked about a test. Classes may run side by side, each in its own
     * thread.
     */
    private static final ThreadLocal<@Nullable Set<Prerequisite>> DECLARED = new ThreadLocal<>();

    private final InstalledPrograms programs;

    /** Looks at this machine; called by JUnit. */
    public PrerequisiteCondition() {
        this(InstalledPrograms.here());
    }

    PrerequisiteCondition(InstalledPrograms programs) {
        this.programs = programs;
    }

    /**
     * Checks that the running test declares this need. Code that starts or reads a prerequisite calls this first. It throws if the declaration is
     * missing, so that a forgotten declaration fails on every machine, and not only on a machine without the prerequisite.
     */
    public static void checkDeclared(Prerequisite needed) {
        Set<Prerequisite> known = DECLARED.get();
        if (known == null) {
            throw new IllegalStateException(
                    "JUnit does not ask whether a test can run here: the extension is not in META-INF/services, or not detected.");
        }
        if (!known.contains(needed)) {
            throw new IllegalStateException("This test uses " + needed + " without saying so: add @Requires(" + needed
                    + ") to it or its class.");
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Set<Prerequisite> needed = EnumSet.noneOf(Prerequisite.class);
        context.getTestClass().ifPresent(type -> needed.addAll(ofClass(type)));
        context.getTestMethod()
                .flatMap(method -> AnnotationSupport.findAnnotation(method, Requires.class))
                .ifPresent(more -> needed.addAll(List.of(more.value())));
        DECLARED.set(needed);
        return decide(needed);
    }

    private ConditionEvaluationResult decide(Collection<Prerequisite> needed) {
        List<Prerequisite> missing = needed.stream()
                .filter(prerequisite -> !prerequisite.isMet(programs))
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("everything it needs is here");
        }
        String absence = Prerequisite.absence(missing, programs);
        if ("true".equals(programs.environment().get("CI"))) {
            throw new IllegalStateException("With CI=true no test is skipped. " + absence);
        }
        return ConditionEvaluationResult.disabled(absence);
    }

    private static Set<Prerequisite> ofClass(Class<?> type) {
        Set<Prerequisite> needed = EnumSet.noneOf(Prerequisite.class);
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            annotation(outer).ifPresent(requires -> needed.addAll(List.of(requires.value())));
            outer = outer.getEnclosingClass();
        }
        Optional<Requires> requires = annotation(outer);
        if (requires.isPresent()) {
            needed.addAll(List.of(requires.get().value()));
        } else if (outer.getSimpleName().matches(INTEGRATION_TEST)) {
            needed.add(Prerequisite.CONTROL_PLANE);
        }
        return needed;
    }

    private static Optional<Requires> annotation(Class<?> type) {
        return AnnotationSupport.findAnnotation(type, Requires.class);
    }
}

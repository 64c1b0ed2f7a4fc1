package dev.taskqueue.dev.junit;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** The JUnit extension of {@link TaskQueueTest}. */
final class TaskQueueExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(TaskQueueExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TaskQueues.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // JUnit closes the objects in the store at the end of the test.
        return context.getStore(OURS).computeIfAbsent(TaskQueues.class, key -> start(context), TaskQueues.class);
    }

    private static TaskQueues start(ExtensionContext context) {
        TaskQueueTest asked = AnnotationSupport.findAnnotation(
                        context.getRequiredTestClass(), TaskQueueTest.class, context.getEnclosingTestClasses())
                .orElseThrow(() -> new IllegalStateException("the test class has no @TaskQueueTest: add it"));
        ManualAlarmClock time =
                asked.time() == TaskQueueTest.Time.REAL ? null : new ManualAlarmClock(Instant.parse(asked.start()));
        var queues = new TaskQueues(time);
        try {
            for (String manifest : asked.manifests()) {
                queues.apply(Path.of(manifest));
            }
            return queues;
        } catch (RuntimeException wrong) {
            queues.close();
            throw wrong;
        }
    }
}

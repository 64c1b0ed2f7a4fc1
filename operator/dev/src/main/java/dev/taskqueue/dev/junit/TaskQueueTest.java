package dev.taskqueue.dev.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Put this on a test class. A parameter of type {@link TaskQueues} then gets an API server with a running operator. Each test gets a new one, which
 * is stopped after the test. Only a JDK is needed.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TaskQueueExtension.class)
public @interface TaskQueueTest {
    /** How the operator's time passes. */
    Time time() default Time.VIRTUAL;

    /** When virtual time begins, RFC 3339. It must be a whole second, as creation times are. */
    String start() default "2026-01-01T00:00:00Z";

    /** Manifests that are created at the start of every test: files or folders, relative to the module's folder. */
    String[] manifests() default {};

    /** How the operator's time passes. */
    enum Time {
        /** Time stands still except for {@link TaskQueues#advance}, so an hour takes no time. */
        VIRTUAL,
        /** Time passes as on the machine. */
        REAL
    }
}

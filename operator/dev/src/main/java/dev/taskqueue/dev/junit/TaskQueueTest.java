package dev.taskqueue.dev.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * On a test class: a parameter of type {@link TaskQueues} gets an API server with an operator at work, anew for each test and gone after it.
 * Nothing but a JDK is needed.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TaskQueueExtension.class)
public @interface TaskQueueTest {
    /** How the operator's time goes. */
    Time time() default Time.VIRTUAL;

    /** When virtual time begins, RFC 3339; a whole second, as creation times are. */
    String start() default "2026-01-01T00:00:00Z";

    /** Manifests that every test begins with: files or folders, counted from the module's folder. */
    String[] manifests() default {};

    /** How the operator's time goes. */
    enum Time {
        /** It stands still but for {@link TaskQueues#advance}: an hour takes no time. */
        VIRTUAL,
        /** As the machine's. */
        REAL
    }
}

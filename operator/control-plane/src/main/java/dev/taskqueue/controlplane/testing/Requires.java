package dev.taskqueue.controlplane.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares what a test class needs on this machine, or what one of its tests needs in addition. An integration test without this annotation needs a
 * control plane. A test that needs nothing says {@code @Requires({})}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Requires {
    /** On a class: everything that it needs. On a method: what the method needs in addition to its class. */
    Prerequisite[] value();
}

package dev.taskqueue.controlplane.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a test class, or one of its tests beyond that, needs on this machine. An integration test without it needs a control plane; one that
 * needs none says {@code @Requires({})}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Requires {
    /** On a class: all of it. On a method: in addition to what its class needs. */
    Prerequisite[] value();
}

package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A duration in the written form of the Gateway API, such as {@code 1h30m}. The pattern is for tools without CEL. The generator of the CRDs adds
 * {@link Rules#DURATION}, which has a sentence.
 */
@JacksonAnnotationsInside
@Size(min = 2, max = 32) @Pattern(DurationText.PATTERN) @Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface DurationText {
    String PATTERN = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";
}

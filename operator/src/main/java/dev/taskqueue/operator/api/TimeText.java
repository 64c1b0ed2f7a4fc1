package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A time in a status, RFC 3339; {@link SpecTimeText} is for a spec. Fabric8's generator cannot write {@code format: date-time}. This pattern stands
 * for it, and our writer of the CRDs replaces it by the format.
 */
@JacksonAnnotationsInside
@Size(max = 64) @Pattern(TimeText.FORMAT) @Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface TimeText {
    /** Stands for the format in the generated schema. */
    String FORMAT = "format:date-time";
}

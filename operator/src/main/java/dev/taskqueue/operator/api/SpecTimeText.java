package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A time that a user writes, RFC 3339. It has no {@code format: date-time}. With that format CEL reads the value as a timestamp, but Kubernetes
 * accepts times that CEL cannot read. Then every rule above the field fails, also the rule that compares the old spec with the new one, and
 * so every later write of the object. The pattern is for tools without CEL. The generator of the CRDs adds {@link Rules#TIME}, which is
 * stricter and has a sentence.
 */
@JacksonAnnotationsInside
@Size(max = 64) @Pattern(SpecTimeText.PATTERN) @Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface SpecTimeText {
    String PATTERN =
            "^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9](:[0-5][0-9]){2}([.][0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])$";
}

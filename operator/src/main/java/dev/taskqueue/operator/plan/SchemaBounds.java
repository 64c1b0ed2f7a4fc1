package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.api.RateLimits;
import dev.taskqueue.operator.api.TaskQueueSpec;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bounds of the CRDs' fields, read from the very annotations that the CRDs are made of. The CRDs' CEL rules stay the API server's. */
final class SchemaBounds {
    private static final BigDecimal LEAST_RATE = new BigDecimal("0.001");
    private static final BigDecimal MOST_RATE = new BigDecimal(10_000);

    private final List<Finding> findings = new ArrayList<>();

    private SchemaBounds() {}

    /** Finds the values of a record, and of the records in it, that are out of bounds. */
    static List<Finding> check(Record spec) {
        var bounds = new SchemaBounds();
        bounds.check("spec", spec);
        if (spec instanceof TaskQueueSpec queue) {
            bounds.checkRate(queue.rateLimits());
        }
        return bounds.findings;
    }

    private void check(String path, Record record) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            String field = path + "." + component.getName();
            Object value = value(component, record);
            if (value instanceof Record inner) {
                check(field, inner);
            } else if (value != null) {
                objection(component.getAccessor(), value)
                        .ifPresent(wrong -> findings.add(Finding.error("OutOfBounds", field + " " + wrong + ".")));
            }
        }
    }

    private static Optional<String> objection(AnnotatedElement element, Object value) {
        Min min = element.getAnnotation(Min.class);
        Max max = element.getAnnotation(Max.class);
        if (value instanceof Number number) {
            if (min != null && number.doubleValue() < min.value()) {
                return Optional.of("is " + number + ": write at least " + (long) min.value());
            }
            return max != null && number.doubleValue() > max.value()
                    ? Optional.of("is " + number + ": write at most " + (long) max.value())
                    : Optional.empty();
        }
        Pattern pattern = element.getAnnotation(Pattern.class);
        return pattern != null && value instanceof String text && !text.matches(pattern.value())
                ? Optional.of("must match " + pattern.value())
                : Optional.empty();
    }

    private void checkRate(@Nullable RateLimits limits) {
        if (limits == null || limits.maxDispatchesPerSecond() == null) {
            return;
        }
        BigDecimal rate = limits.maxDispatchesPerSecond().getNumericalAmount();
        if (rate.compareTo(LEAST_RATE) < 0 || rate.compareTo(MOST_RATE) > 0) {
            findings.add(Finding.error(
                    "OutOfBounds",
                    "spec.rateLimits.maxDispatchesPerSecond is " + limits.maxDispatchesPerSecond()
                            + ": write 0.001 to 10000."));
        }
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("a public record hides " + component.getName(), impossible);
        }
    }
}

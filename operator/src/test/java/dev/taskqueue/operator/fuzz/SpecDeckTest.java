package dev.taskqueue.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The specs are the same for the same seed, and every field of all kinds is filled in and changed. */
class SpecDeckTest {
    private static final int SPECS = 12_000;

    @Test
    void theSameSeedMakesTheSameSpecs() {
        var once = new SpecDeck(7, FuzzWorld.NAMES);
        var again = new SpecDeck(7, FuzzWorld.NAMES);
        for (int i = 0; i < 100; i++) {
            assertThat(text(again.spec(i))).isEqualTo(text(once.spec(i)));
        }
        assertThat(text(new SpecDeck(8, FuzzWorld.NAMES).spec(0))).isNotEqualTo(text(once.spec(0)));
    }

    private static String text(FuzzSpec spec) {
        return spec.changes() + FuzzClient.write(spec.manifest()) + FuzzClient.write(spec.later()) + spec.strict();
    }

    @Test
    void everyFieldIsChangedInEveryWay() {
        var deck = new SpecDeck(1, FuzzWorld.NAMES);
        Set<String> changes = new HashSet<>();
        for (int i = 0; i < SPECS; i++) {
            changes.addAll(deck.spec(i).changes());
        }
        List<String> fields = new ArrayList<>();
        leaves(CrdSchema.of("Task"), fields);
        leaves(CrdSchema.of("TaskBatch"), fields);
        leaves(CrdSchema.of("TaskQueue"), fields);
        assertThat(fields)
                .hasSizeGreaterThan(60)
                .allSatisfy(field -> assertThat(changes).anyMatch(change -> change.startsWith(field + " ")));
        assertThat(SpecMutator.Kind.values())
                .allSatisfy(kind -> assertThat(changes)
                        .filteredOn(change -> change.endsWith(" " + kind))
                        .hasSizeGreaterThan(20));
    }

    private static void leaves(CrdSchema schema, List<String> leaves) {
        for (CrdSchema field : schema.fields()) {
            leaves.add(field.path());
            leaves(field, leaves);
        }
    }

    static Stream<String> patterns() {
        var patterns = new ArrayList<String>();
        patterns(CrdSchema.of("Task"), patterns);
        patterns(CrdSchema.of("TaskBatch"), patterns);
        patterns(CrdSchema.of("TaskQueue"), patterns);
        return patterns.stream().distinct();
    }

    private static void patterns(CrdSchema schema, List<String> patterns) {
        schema.pattern().ifPresent(patterns::add);
        schema.fields().forEach(field -> patterns(field, patterns));
        if (schema.node().has("items")) {
            patterns(schema.items(), patterns);
        }
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void aSampleMatchesItsPattern(String pattern) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            assertThat(PatternSampler.sample(pattern, random)).matches(Pattern.compile(pattern));
        }
    }
}

package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchesTest {
    /** The cases of RFC 7386, appendix A, whose result is an object. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {a: b}          | {a: c}                | {a: c}
                    {a: b}          | {b: c}                | {a: b, b: c}
                    {a: b}          | {a: null}             | {}
                    {a: b, b: c}    | {a: null}             | {b: c}
                    {a: [b]}        | {a: c}                | {a: c}
                    {a: c}          | {a: [b]}              | {a: [b]}
                    {a: {b: c}}     | {a: {b: d, c: null}}  | {a: {b: d}}
                    {a: [{b: c}]}   | {a: [1]}              | {a: [1]}
                    {a: [1, 2]}     | {a: [3]}              | {a: [3]}
                    {e: null}       | {a: 1}                | {e: null, a: 1}
                    {a: foo}        | {a: {b: {c: null}}}   | {a: {b: {}}}
                    """)
    void mergePatchIsThatOfTheRfc(String target, String patch, String result) {
        ObjectNode object = Trees.of(target);
        Patches.merge(object, Trees.of(patch));
        assertThat(object).isEqualTo(Trees.of(result));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {ports: [{port: 1, name: a}, {port: 2}]} | {ports: [{port: 1, name: b}]}        | {ports: [{port: 1, name: b}, {port: 2}]}
                    {ports: [{port: 1}, {port: 2}]} | {ports: [{port: 1, $patch: delete}, {port: 3}]} | {ports: [{port: 2}, {port: 3}]}
                    {ports: [{port: 1}]}            | {ports: [{$patch: replace}, {port: 3}]}         | {ports: [{port: 3}]}
                    {endpoints: [{a: 1}]}           | {endpoints: [{a: 2}]}                           | {endpoints: [{a: 2}]}
                    {a: {b: 1, c: 2}}               | {a: {b: null}}                                  | {a: {c: 2}}
                    {a: {b: 1, c: 2}}               | {a: {$patch: replace, d: 1}}                    | {a: {d: 1}}
                    {finalizers: [x, y]}            | {finalizers: [z, x]}                            | {finalizers: [y, z, x]}
                    {finalizers: [x, y]}            | {$deleteFromPrimitiveList/finalizers: [x]}      | {finalizers: [y]}
                    """)
    void strategicPatchJoinsTheListsThatHaveAKey(String target, String patch, String result) {
        ObjectNode object = Trees.of(target);
        Patches.strategic(object, Trees.of(patch));
        assertThat(object).isEqualTo(Trees.of(result));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}           | {s: {a: 1}}       | {o: 1, s: {x: 2}} | {o: 1, s: {x: 2, a: 1}}
                    {s: {a: 1}}  | {s: {b: 1}}       | {s: {a: 1, x: 2}} | {s: {x: 2, b: 1}}
                    {s: {a: 1}}  | {}                | {o: 1, s: {a: 1}} | {o: 1}
                    """)
    void applyRemovesWhatItsManagerNoLongerSays(String last, String now, String target, String result) {
        ObjectNode object = Trees.of(target);
        Patches.apply(object, Trees.of(last), Trees.of(now));
        assertThat(object).isEqualTo(Trees.of(result));
    }

    @Test
    void aJsonPatchWhoseTestFailsIsRefused() {
        var operations = Trees.of("{a: [{op: test, path: /a, value: 2}, {op: replace, path: /a, value: 3}]}")
                .path("a");
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> Patches.json(Trees.of("{a: 1}"), operations))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(422));
        assertThat(Patches.json(Trees.of("{a: 2}"), operations)).isEqualTo(Trees.of("{a: 3}"));
    }
}

package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectSelectorTest {
    private static final ResourceType TASKS = Crd.ours().get(1).type();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a=1               | true
                    a==1,b!=2         | true
                    a!=1              | false
                    c!=1              | true
                    c=1               | false
                    a                 | true
                    !a                | false
                    !c                | true
                    a in (1, 2)       | true
                    a in (2,3)        | false
                    a notin (2,3),b=x | true
                    c notin (1)       | true
                    a notin (1)       | false
                    """)
    void labelsSelectAsInKubernetes(String selector, boolean matches) {
        var object = Trees.of("{metadata: {labels: {a: '1', b: x}}}");
        assertThat(ObjectSelector.of(TASKS, selector, null).matches(object)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    metadata.name=t                                | true
                    metadata.name!=t                               | false
                    spec.queueRef.name=q,status.state=Failed       | true
                    spec.queueRef.name=q,status.state=Succeeded    | false
                    status.state!=Succeeded                        | true
                    """)
    void theFieldsThatTheCrdNamesSelect(String selector, boolean matches) {
        var object = Trees.of("{metadata: {name: t}, spec: {queueRef: {name: q}}, status: {state: Failed}}");
        assertThat(ObjectSelector.of(TASKS, null, selector).matches(object)).isEqualTo(matches);
    }

    @Test
    void otherFieldsAreRefusedWithTheirName() {
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> ObjectSelector.of(TASKS, null, "spec.delay=1s"))
                .withMessage("field label not supported: spec.delay")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(400));
    }

    @Test
    void ofKubernetesOwnKindsEveryFieldSelects() {
        var event = Trees.of("{involvedObject: {name: t}}");
        assertThat(ObjectSelector.of(ResourceTypes.SECRETS, null, "involvedObject.name=t")
                        .matches(event))
                .isTrue();
        assertThat(ObjectSelector.of(ResourceTypes.SECRETS, null, "involvedObject.name=u")
                        .matches(event))
                .isFalse();
    }
}

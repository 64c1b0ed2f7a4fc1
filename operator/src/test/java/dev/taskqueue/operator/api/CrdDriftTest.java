package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Durations;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrdDriftTest {
    @ParameterizedTest
    @ValueSource(classes = {TaskQueue.class, Task.class, TaskBatch.class})
    void theFileIsWhatTheTypesSay(Class<? extends CustomResource<?, ?>> kind) throws IOException {
        if (Boolean.getBoolean("crds.write")) {
            CrdWriter.write(kind);
        }
        assertThat(Files.readString(CrdWriter.file(kind)))
                .as("%s; write it anew by mvn -pl operator test -Dtest=CrdDriftTest -Dcrds.write=true", kind)
                .isEqualTo(CrdWriter.yaml(kind));
    }

    @ParameterizedTest
    @ValueSource(classes = {TaskQueue.class, Task.class, TaskBatch.class})
    void theFileIsSmallerThanOneHundredKilobytes(Class<? extends CustomResource<?, ?>> kind) {
        assertThat(CrdWriter.yaml(kind).getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(100_000);
    }

    @Test
    void theSchemaKnowsTheSameDurationsAsTheOperator() throws NoSuchFieldException {
        var pattern =
                Objects.requireNonNull(DurationText.class.getAnnotation(io.fabric8.generator.annotation.Pattern.class));
        assertThat(pattern.value()).isEqualTo(Durations.PATTERN);
    }
}

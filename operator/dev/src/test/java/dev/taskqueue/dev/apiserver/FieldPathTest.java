package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldPathTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    .a.b                       | 1
                    .a.c                       |
                    .l[*].v                    | x,y
                    .l[1].v                    | y
                    .l[?(@.type=="B")].v       | y
                    .l[?(@.type=='C')].v       |
                    .n                         |
                    """)
    void leadsToWhatIsThere(String path, String found) {
        var object = Trees.of("{a: {b: 1}, l: [{type: A, v: x}, {type: B, v: y}], n: null}");
        assertThat(FieldPath.parse(path).all(object).stream()
                        .map(JsonNode::asText)
                        .toList())
                .containsExactly(found == null ? new String[0] : found.split(",", -1));
    }

    @Test
    void whatItCannotReadItRefuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldPath.parse(".a..b"))
                .withMessageContaining(".a..b");
    }
}

package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {
    @ParameterizedTest(name = "buffer of {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 16, 1024})
    void linesAreTheSameWhateverTheBuffer(int bufferSize) throws IOException {
        assertThat(lines("first\n\nthïrd\nhalf", bufferSize)).containsExactly("first", "", "thïrd");
    }

    @ParameterizedTest(name = "\"{0}\"")
    @ValueSource(strings = {"", "no end"})
    void whatHasNoEndIsNoLine(String text) throws IOException {
        assertThat(lines(text, 4)).isEmpty();
    }

    private static List<String> lines(String text, int bufferSize) throws IOException {
        var reader = new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), bufferSize);
        var lines = new ArrayList<String>();
        for (Optional<byte[]> line = reader.next(); line.isPresent(); line = reader.next()) {
            lines.add(new String(line.get(), StandardCharsets.UTF_8));
        }
        return lines;
    }
}

package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the reader of a mapping file says about one that cannot be used. */
class MappingReaderTest {
    private static List<String> errors(String text) {
        return MappingReader.read(text) instanceof MappingReader.Reading.Invalid invalid ? invalid.errors() : List.of();
    }

    /** The parser of YAML would take the last one and forget the first. */
    @Test
    void aFieldThatStandsTwiceIsAnError() {
        assertThat(errors("""
                taskBatches: [{namespace: shop, queue: imports}]
                taskBatches: [{namespace: shop, queue: exports}]
                """)).singleElement().asString().contains("taskBatches");
    }

    /** Its reader knows YAML, and not our classes. */
    @ParameterizedTest
    @CsvSource({
        "'targts: []', targts",
        "'taskBatches: [{namespace: shop, queue: imports, size: 1}]', 'taskBatches[0].size'",
        "'namespaces: shop', namespaces",
        "'oidcLocalPart: perhaps', oidcLocalPart",
        "'targets: [{urlPrefix: [a]}]', 'targets[0].urlPrefix'",
        "'[]', line 1",
        "'namespaces: [', cannot be read"
    })
    void anErrorNamesItsPlaceAndNoClass(String text, String place) {
        assertThat(errors(text))
                .singleElement()
                .asString()
                .contains(place)
                .doesNotContain("dev.taskqueue", "java.", "ignorable");
    }
}

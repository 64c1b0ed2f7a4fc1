package dev.taskqueue.operator.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlantedBugTest {
    private static final String HERE = "operator/src/test/java/dev/taskqueue/operator/planted/package-info.java";

    static Stream<PlantedBug> bugs() throws IOException {
        return PlantedBug.all().stream();
    }

    /** If this fails after a change of the operator, make the patch again: it shall do to the new code what it did to the old one. */
    @ParameterizedTest
    @MethodSource("bugs")
    void everyBugOfTheListCanBePlanted(PlantedBug bug) throws IOException {
        assertThat(bug.plant()).isNotEmpty();
    }

    /** A bug that does not compile is found by the compiler, and proves nothing. Those that change different files are compiled together, which is faster. */
    @Test
    void everyBugOfTheListCompiles(@TempDir Path folder) throws IOException {
        List<PlantedBug> left = new ArrayList<>(PlantedBug.all());
        for (int i = 0; !left.isEmpty(); i++) {
            List<PlantedBug> together = withDifferentFiles(left);
            PlantedOperator.check(together, Files.createDirectories(folder.resolve("group" + i)));
            left.removeAll(together);
        }
    }

    private static List<PlantedBug> withDifferentFiles(List<PlantedBug> bugs) {
        var files = new HashSet<Path>();
        var together = new ArrayList<PlantedBug>();
        for (PlantedBug bug : bugs) {
            List<Path> own = bug.edits().stream().map(PlantedBug.Edit::file).toList();
            if (Collections.disjoint(files, own)) {
                files.addAll(own);
                together.add(bug);
            }
        }
        return together;
    }

    @Test
    void aPatchChangesItsLinesWhereverTheyAre() throws IOException {
        PlantedBug bug = patch(" ", "-@NullMarked", "+@NullUnmarked");
        assertThat(bug.plant().get(Path.of("..").resolve(HERE)))
                .contains("@NullUnmarked\n")
                .doesNotContain("@NullMarked\n");
    }

    @Test
    void aPatchThatFitsNowhereIsRefused() {
        assertThatThrownBy(() -> patch("-no such line", "+another").plant()).hasMessageContaining("exactly once");
    }

    @Test
    void aPatchThatFitsTwiceIsRefused() {
        assertThatThrownBy(() -> patch("-", "+ ").plant()).hasMessageContaining("exactly once");
    }

    @Test
    void aPatchWithoutItsReasonIsRefused() {
        assertThatThrownBy(() -> PlantedBug.read("bug", List.of("Bug: something")))
                .hasMessageContaining("Breaks:");
    }

    private static PlantedBug patch(String... lines) {
        var head = List.of("Bug: b", "Breaks: c", "From: d", "", "+++ b/" + HERE, "@@ -1 +1 @@");
        return PlantedBug.read(
                "bug", Stream.concat(head.stream(), Stream.of(lines)).toList());
    }
}

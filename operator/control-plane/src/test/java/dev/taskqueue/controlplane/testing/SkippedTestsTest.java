package dev.taskqueue.controlplane.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkippedTestsTest {
    private static final String SUCCESS = "<testcase name='a'/>";
    private static final String SKIPPED = "<testcase name='b'><skipped message='Not found: helm.'/></testcase>";

    @TempDir
    Path repository;

    @Test
    void nothingIsSaidWhereNothingIsSkipped() throws IOException {
        report("operator/target/failsafe-reports/TEST-a.xml", SUCCESS);
        assertThat(SkippedTests.read(repository, 0).lines()).isEmpty();
    }

    @Test
    void theSkippedTestsOfAllModulesAreCountedByReason() throws IOException {
        report("operator/target/failsafe-reports/TEST-a.xml", SUCCESS + SKIPPED);
        report("operator/dev/target/failsafe-reports/TEST-b.xml", SKIPPED);
        report("operator/dev/target/surefire-reports/TEST-c.xml", "<testcase name='c'><skipped/></testcase>");
        report("operator/target/failsafe-reports/other.xml", SKIPPED);
        assertThat(SkippedTests.read(repository, 0).lines())
                .containsExactly(
                        "SKIPPED: 3 of 4 tests did not run.", "  2: Not found: helm.", "  1: no reason is given");
    }

    @Test
    void reportsOfAnEarlierRunDoNotCount() throws IOException {
        Path report = report("operator/target/failsafe-reports/TEST-a.xml", SKIPPED);
        long written = report.toFile().lastModified();
        assertThat(SkippedTests.read(repository, written).lines()).hasSize(2);
        assertThat(SkippedTests.read(repository, written + 1).lines()).isEmpty();
    }

    private Path report(String file, String cases) throws IOException {
        Path report = repository.resolve(file);
        Files.createDirectories(report.getParent());
        return Files.writeString(report, "<testsuite name='x'>" + cases + "</testsuite>");
    }
}

package dev.taskqueue.operator.planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plants every bug of the list, one at a time. The simulation looks for it in worlds in which the unchanged operator breaks no rule, and stops at the first rule
 * that is broken. If it finds nothing, the unit tests of the changed packages look. {@code -Dplanted=NAME} plants one bug, and {@code -Dplanted.worlds=50} takes
 * more worlds: so many small ones, and half as many of the usual size.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlantedBugs {
    private static final String SEARCH = "dev.taskqueue.operator.simulation.world.ViolationSearch";
    private static final String CLEAN = "CLEAN ";
    private static final Path TABLE = Path.of("target/planted/table.md");

    private final List<String> cleanSeeds = new ArrayList<>();
    private final Set<String> rows = new ConcurrentSkipListSet<>();

    @BeforeAll
    void theUnchangedOperatorIsClean() throws Exception {
        var arguments = List.of("first", System.getProperty("planted.worlds", "20"));
        PlantedOperator.unchanged().run(SEARCH, arguments).stream()
                .filter(line -> line.startsWith(CLEAN))
                .map(line -> line.substring(CLEAN.length()))
                .forEach(cleanSeeds::add);
        System.out.println("The unchanged operator breaks no rule with the seeds " + cleanSeeds);
        assertThat(cleanSeeds).isNotEmpty();
    }

    static Stream<PlantedBug> bugs() throws IOException {
        Pattern wanted = Pattern.compile(System.getProperty("planted", ""));
        return PlantedBug.all().stream()
                .filter(bug -> wanted.matcher(bug.name()).find());
    }

    @ParameterizedTest
    @MethodSource("bugs")
    @Execution(ExecutionMode.CONCURRENT)
    void aTestFinds(PlantedBug bug) throws Exception {
        long start = System.nanoTime();
        String found = find(PlantedOperator.with(bug));
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        String row = "| %s | %s | %s | %d s |"
                .formatted(bug.name(), bug.what(), found == null ? "**nothing**" : found, seconds);
        System.out.println(row);
        rows.add(row);
        assertThat(found).as("what finds: " + bug.what()).isNotNull();
    }

    private @Nullable String find(PlantedOperator operator) throws Exception {
        String rule = found(operator.run(SEARCH, cleanSeeds));
        if (rule != null) {
            return "simulation, " + rule;
        }
        String test = found(operator.run(PackageTests.class.getName(), operator.packages()));
        return test == null ? null : "unit test, " + test;
    }

    private static @Nullable String found(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(PackageTests.FOUND))
                .map(line -> line.substring(PackageTests.FOUND.length()))
                .findFirst()
                .orElse(null);
    }

    @AfterAll
    void printTable() throws IOException {
        var table = new ArrayList<String>();
        table.add("| bug | what is wrong | found by | time |");
        table.add("| --- | --- | --- | --- |");
        table.addAll(rows);
        table.forEach(System.out::println);
        Files.write(TABLE, table);
    }
}

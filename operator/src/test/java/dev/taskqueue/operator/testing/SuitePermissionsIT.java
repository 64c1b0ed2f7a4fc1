package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/**
 * Compares the rights that all operators of all integration tests were granted with those that they used, by the audit logs of all API servers. It
 * runs last: it is isolated, so it runs after all classes that run side by side, and its order puts it after the other isolated ones.
 */
@Isolated
@Order(Integer.MAX_VALUE)
class SuitePermissionsIT {
    @Test
    void noOperatorAskedForMoreThanTheChartGrants() {
        assertAll(OperatorAccount.all().stream().map(account -> account::assertSufficed));
    }

    @Test
    void theWholeSuiteUsesAllThatTheChartGrants() throws Exception {
        List<String> missing = SuiteRun.missing(otherTests());
        if (!missing.isEmpty()) {
            giveUp(
                    "NOT JUDGED: whether the chart grants what nobody uses. That takes the whole suite, all of it successful, and "
                            + missing.size() + " tests are missing, the first being " + missing.getFirst() + ".");
        }
        Set<Permission> unused = ofAll(OperatorAccount::granted);
        assertThat(unused).isNotEmpty();
        unused.removeAll(ofAll(OperatorAccount::used));
        assertThat(unused)
                .as(
                        "what the chart grants and no test uses: take it out of the chart, or show in a test what it is for")
                .isEmpty();
    }

    private static Set<Permission> ofAll(Function<OperatorAccount, NavigableSet<Permission>> what) {
        return OperatorAccount.all().stream()
                .flatMap(account -> what.apply(account).stream())
                .map(Permission::anywhere)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** All classes that Maven's failsafe runs as integration tests, except this one. */
    private static List<Class<?>> otherTests() throws IOException, URISyntaxException {
        Path root = Path.of(SuitePermissionsIT.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith("IT.class") && !file.contains("$"))
                    .<Class<?>>map(
                            file -> load(file.replaceFirst("\\.class$", "").replace('/', '.')))
                    .filter(type -> type != SuitePermissionsIT.class)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, SuitePermissionsIT.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void giveUp(String message) {
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        LoggerFactory.getLogger(SuitePermissionsIT.class).warn(message);
        Assumptions.abort(message);
    }
}

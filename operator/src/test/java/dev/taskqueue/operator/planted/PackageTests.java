package dev.taskqueue.operator.planted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the unit tests of some packages in this JVM, and prints the first one that fails as {@code FOUND test}. */
final class PackageTests {
    static final String FOUND = "FOUND ";

    private PackageTests() {}

    public static void main(String[] packages) {
        PrintStream out = System.out;
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        Arrays.stream(packages).map(name -> selectPackage(name)).toList())
                // Selecting a package selects those below it, too.
                .filters(ClassNameFilter.includeClassNamePatterns(Arrays.stream(packages)
                        .map(name -> Pattern.quote(name) + "\\.[^.]+Test")
                        .toArray(String[]::new)))
                .build();
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, summary);
        summary.getSummary().printFailuresTo(new PrintWriter(out, true, UTF_8));
        summary.getSummary().getFailures().stream()
                .limit(1)
                .forEach(failure ->
                        out.println(FOUND + failure.getTestIdentifier().getLegacyReportingName()));
        System.exit(0);
    }
}

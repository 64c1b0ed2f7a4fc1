package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.dispatch.CompatibilityHeaders;
import dev.taskqueue.operator.dispatch.DeadLetterOrigin;
import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.task.DocLinks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that the pages for people name everything that exists, and nothing else. */
class DocsTest {
    private static final Path DOCS = Path.of("../docs");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\|");
    private static final Pattern HEADING = Pattern.compile("(?m)^### (.+)$");
    /** Matches code, where brackets do not start a link. */
    private static final Pattern CODE = Pattern.compile("\\\\`|`[^`\\n]*`");

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");

    private static final Pattern BUILT = Pattern.compile("/(target|node_modules|\\.venv)/");

    /** Matches a class name of at least two words in code, perhaps with one of its methods. */
    private static final Pattern CLASS = Pattern.compile(
            "`((?:[A-Z][a-z]+){2,}(?:IT)?|Fence|Engine|Lane|Times)(?:[.]([a-z][a-zA-Z]*)(?:[(][a-z]*[)])?)?`");

    /** A phase, reasons, and an answer of the API server. None of them has its own file. */
    private static final Set<String> OTHER_NAMES =
            Set.of("TakingOver", "WriteRefused", "DeadLetterChain", "AlreadyExists");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^):]+)\\)");

    @Test
    void everyReasonOfAnAttemptIsExplained() throws IOException {
        String section = page("handlers.md").split("## Why an attempt failed", 2)[1];

        assertThat(all(FIRST_CELL, section)).containsExactlyElementsOf(names(AttemptReason.values()));
    }

    @Test
    void everyHeaderThatHandlersGetIsExplained() throws IOException {
        String page = page("handlers.md");

        var names = new TreeSet<>(headersOfALastAttempt().keySet());
        names.addAll(new DeadLetterOrigin("q", "t", "r", 1, 500).headers().keySet());

        assertThat(names)
                .contains("TaskQueue-Last-Attempt", "X-AppEngine-TaskRetryReason", "TaskQueue-DeadLetter-Status-Code")
                .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    @Test
    void everyWaitingReasonHasItsSection() throws IOException {
        assertThat(all(HEADING, page("waiting.md"))).containsExactlyElementsOf(names(Obstacle.Reason.values()));
    }

    @Test
    void everyReasonThatMeansTroubleHasItsSection() throws IOException {
        var harmless = EnumSet.of(
                Conditions.Reason.Accepted,
                Conditions.Reason.Delivered,
                Conditions.Reason.Scheduled,
                Conditions.Reason.Dispatching,
                Conditions.Reason.Ready,
                Conditions.Reason.Running,
                Conditions.Reason.FullRate,
                Conditions.Reason.NotBlocked);

        assertThat(all(HEADING, page("troubleshooting.md")))
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.complementOf(harmless).stream().map(Enum::name).toList());
    }

    @Test
    void everyMessageOfAConditionLinksToItsReasonsSection() throws IOException {
        for (Conditions.Reason reason : DocLinks.REASONS) {
            assertLeadsSomewhere(Path.of("../README.md"), DocLinks.section(reason));
        }
    }

    @Test
    void everyLinkBetweenThePagesLeadsSomewhere() throws IOException {
        var pages = pages();
        for (Path page : pages) {
            String prose = CODE.matcher(FENCED.matcher(Files.readString(page)).replaceAll(""))
                    .replaceAll("");
            for (String link : all(LINK, prose)) {
                assertLeadsSomewhere(page, link);
            }
        }
        assertThat(pages)
                .contains(
                        Path.of("../README.md"),
                        Path.of("../docs/quickstart.md"),
                        Path.of("../samples/orders/node/README.md"),
                        Path.of("../charts/taskqueue/README.md"));
    }

    @Test
    void everyClassAndMethodThatTheDesignNamesExists() throws IOException {
        var sources = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            for (Path file : files.filter(file -> file.toString().matches(".*/src/.*[.]java"))
                    .toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        for (String page : List.of("design.md", "invariants.md")) {
            List<MatchResult> names = CLASS.matcher(page(page)).results().toList();
            assertThat(names).isNotEmpty();
            assertThat(names.stream()
                            .filter(name -> !OTHER_NAMES.contains(name.group(1)))
                            .filter(name -> !sources.getOrDefault(name.group(1), "")
                                    .contains(name.group(2) == null ? "package" : name.group(2) + "("))
                            .map(MatchResult::group))
                    .as("names in %s that the sources do not have", page)
                    .isEmpty();
        }
    }

    /** Every page of the repository, without the output of builds. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !BUILT.matcher(file.toString()).find())
                    .sorted()
                    .toList();
        }
    }

    private static void assertLeadsSomewhere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        assertThat(target).as("link %s in %s", link, page).exists();
        if (parts.length == 2) {
            assertThat(anchors(Files.readString(target)))
                    .as("link %s in %s", link, page)
                    .contains(parts[1]);
        }
    }

    private static Map<String, String> headersOfALastAttempt() {
        var now = Instant.parse("2026-11-21T09:00:00Z");
        var retry = new RetryPolicy(
                2,
                Duration.ZERO,
                RetryPolicy.GiveUp.WhenBoth,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                0,
                0,
                Set.of());
        var attempt = new AttemptContext(
                new TaskId("shop", "a", "uid"),
                new QueueId("shop", "orders"),
                now,
                now,
                null,
                AttemptHistory.NONE.plus(now, now, now, Outcome.Answered.of(503)),
                retry);
        return new DeliveryHeaders("1")
                .of(attempt, EnumSet.allOf(CompatibilityHeaders.class), "a", Map.of(), Duration.ofMinutes(10));
    }

    /** The anchors that GitHub gives the headings. */
    private static List<String> anchors(String page) {
        return all(Pattern.compile("(?m)^#+ (.+)$"), page).stream()
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static String page(String name) throws IOException {
        return Files.readString(DOCS.resolve(name));
    }
}

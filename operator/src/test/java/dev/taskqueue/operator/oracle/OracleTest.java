package dev.taskqueue.operator.oracle;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OracleTest {
    private static final int LONGEST_FILE = 350;

    /** It is written from the contract, so nothing of the operator may leak into it. */
    @Test
    void itKnowsNoClassOfTheOperator() {
        String own = OracleTest.class.getPackageName();
        noClasses()
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "belong to the operator",
                        (JavaClass used) -> used.getPackageName().startsWith("dev.taskqueue")
                                && !used.getPackageName().equals(own)))
                .check(new ClassFileImporter().importPackages(own));
    }

    @Test
    void itsFilesAreShort() throws IOException {
        Path folder = Path.of("src/test/java", OracleTest.class.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(LONGEST_FILE);
            }
        }
    }

    /** A run in which many things happen, and all of them are right. */
    @Test
    void aGoodRunHasNoViolation() {
        History story = new History(History.SETTINGS);
        story.start("a").start("b").lead("a").queue("q", "{'retry': {'minBackoff': '2s'}}");
        for (int i = 0; i < 40; i++) {
            story.at(1 + i).task("t" + i, "{}");
            if (i == 20) {
                story.crash("a").at(40).lead("b");
            }
            String leader = i < 20 ? "a" : "b";
            double start = i < 20 ? 1 + i : 50 + i;
            if (i % 4 == 0) {
                story.at(start).answer(story.send(leader, "t" + i, 1), 500).backOff(leader, "t" + i);
                story.at(start + 2.5);
            } else {
                story.at(start);
            }
            story.deliver(leader, "t" + i, i % 4 == 0 ? 2 : 1);
        }
        story.at(300);
        assertThat(story.violations()).isEmpty();
        assertThat(story.oracle().counts())
                .containsEntry("tasks", 40L)
                .containsEntry("deliveries", 50L)
                .containsEntry("leaders", 2L)
                .containsEntry("progress judged", 1L);
    }

    @Test
    void aStoryHasEachFactWithItsTime() {
        History story = new History(History.SETTINGS);
        story.start("a").lead("a").queue("q", "{}").task("t", "{}").at(1.5).deliver("a", "t");
        assertThat(story.oracle().story("shop/t").lines())
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).contains("+1.500 s", "received attempt 1", "from a"))
                .anySatisfy(line -> assertThat(line).contains("answered", "200"))
                .anySatisfy(line -> assertThat(line).contains("Succeeded (Delivered) stored by a"));
    }

    @Test
    void theStoryOfAViolationStaysAfterItsTaskIsGone() {
        History story = new History(History.SETTINGS);
        story.start("a").lead("a").queue("q", "{}").task("t", "{}").task("u", "{}").at(1);
        story.delete("a", "t").delete("people", "u").at(5);
        List<Violation> violations = story.violations();
        assertThat(violations).extracting(Violation::rule, Violation::subject).containsExactly(org.assertj.core.groups.Tuple.tuple("DeletedUnfinished", "shop/t"));
        assertThat(story.oracle().story("shop/t")).contains("deleted by a");
        assertThat(story.oracle().story("shop/u")).contains("nothing is known");
    }

    @Test
    void ofManyViolationsTheFirstAreKeptAndAllCounted() {
        History story = new History(History.SETTINGS);
        story.start("a").lead("a").queue("q", "{}");
        for (int i = 0; i < 300; i++) {
            story.at(1 + i).task("t" + i, "{}").delete("a", "t" + i);
        }
        assertThat(story.violations()).hasSize(200);
        assertThat(story.oracle().counts()).containsEntry("violation:DeletedUnfinished", 300L);
    }

    /** After a restore of etcd the operator may do again what was recorded after the snapshot. */
    @Test
    void aRestoreOfEtcdMayRepeat() {
        assertThat(History.broken(story -> {
                    story.queue("q", "{}").task("t", "{}").at(1).deliver("a", "t").at(2);
                    story.fault("restore", "").status("people", "t", "{'state': 'Pending', 'dispatchCount': 0, 'conditions': []}");
                    story.faultEnds("restore").at(3).crash("a").start("c").at(20).lead("c").deliver("c", "t");
                }))
                .isEmpty();
    }

    @Test
    void theTimesOfTheCrdsAreRead() {
        assertThat(Values.parseTime("2026-11-20T08:00:00.012Z", 0)).isEqualTo(Values.nanos(History.time(0.012)));
        assertThat(Values.parseTime("2026-11-20T09:00:00+01:00", 0)).isEqualTo(Values.nanos(History.time(0)));
        assertThat(Values.parseTime("next week", 7)).isEqualTo(7);
        assertThat(Values.parseTime("9999-12-31T23:59:59Z", 7)).isEqualTo(Values.NEVER);
        assertThat(Values.duration(Values.parseDuration("1h30m"))).isEqualTo(Duration.ofMinutes(90));
        assertThat(Values.duration(Values.parseDuration("1s500ms"))).isEqualTo(Duration.ofMillis(1500));
        Map.of("25", 25.0, "0.5", 0.5, "500m", 0.5, "1k", 1000.0)
                .forEach((text, value) -> assertThat(Values.quantity(History.json("{'rate': '" + text + "'}"), "rate", 0))
                        .isEqualTo(value));
    }
}

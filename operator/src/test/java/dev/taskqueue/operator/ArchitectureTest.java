package dev.taskqueue.operator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.engine.Clocks;
import java.lang.System.Logger;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The house's rules that a compiler does not know: who may import whom, and what nobody may do. */
class ArchitectureTest {
    private static final String ROOT = ArchitectureTest.class.getPackageName();
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    /** Who may import which rooms of the house; the wiring in the entrance may import all. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("api", Set.of()),
            Map.entry("domain", Set.of()),
            Map.entry("limits", Set.of("domain")),
            Map.entry("engine", Set.of("limits", "domain")),
            Map.entry("task", Set.of("engine", "domain", "api")),
            Map.entry("kube", Set.of("task", "limits", "domain")),
            Map.entry("cache", Set.of("task", "engine", "domain", "api")),
            Map.entry("write", Set.of("cache", "kube", "task", "engine", "limits", "domain")),
            Map.entry("retention", Set.of("write", "cache", "kube", "task", "engine", "domain")),
            Map.entry("status", Set.of("retention", "write", "cache", "kube", "task", "engine", "domain", "api")),
            Map.entry("intake", Set.of("status", "write", "cache", "kube", "task", "engine", "domain", "api")),
            Map.entry("dispatch", Set.of("engine", "domain")),
            Map.entry("targets", Set.of("limits", "domain")),
            Map.entry(
                    "prepare",
                    Set.of(
                            "dispatch",
                            "targets",
                            "status",
                            "write",
                            "cache",
                            "kube",
                            "task",
                            "engine",
                            "domain",
                            "api")),
            Map.entry("reconcile", Set.of("cache", "task", "engine", "domain", "api")),
            Map.entry("alarm", Set.of("engine", "domain")),
            Map.entry("lease", Set.of("engine")),
            Map.entry("ops", Set.of("engine", "limits", "domain")),
            Map.entry("simulation", Set.of("engine", "domain")),
            Map.entry("plan", Set.of("simulation", "reconcile", "task", "engine", "domain", "api")));

    @Test
    void everyRoomHasItsArrows() {
        assertThat(HOUSE.stream().map(JavaClass::getPackageName).filter(name -> !name.equals(ROOT)))
                .allSatisfy(name -> assertThat(ARROWS).containsKey(name.substring(ROOT.length() + 1)));
    }

    static Stream<String> packages() {
        return ARROWS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aRoomImportsOnlyWhereItsArrowsLead(String room) {
        String[] allowed = Stream.concat(Stream.of(room), ARROWS.getOrDefault(room, Set.of()).stream())
                .map(name -> ROOT + "." + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
                .check(HOUSE);
    }

    @Test
    void noRoomsDependOnEachOtherInACircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    /** An empty room stands for the entrance. */
    @ParameterizedTest(name = "{0} is known in {1} alone")
    @CsvSource({
        "org.quartz.., alarm",
        "okhttp3.., dispatch|kube",
        "okio.., dispatch|kube",
        "io.javaoperatorsdk.., reconcile|",
        "io.prometheus.., ops",
        "io.fabric8.kubernetes.client.., kube|targets|lease|reconcile|api|",
        "com.sun.net.httpserver.., ops",
        "com.fasterxml.jackson.databind.., kube|task|intake|prepare|status|targets|api|plan",
        "com.fasterxml.jackson.dataformat.., plan",
        "org.slf4j.., engine|kube|write|retention|status|prepare|targets|lease|reconcile|dispatch|alarm|ops|",
        "ch.qos.logback.., nowhere",
        "java.util.logging.., nowhere",
        "java.net.http.., nowhere",
    })
    void aLibraryIsKnownOnlyWhereItBelongs(String library, String rooms) {
        String[] allowed = Arrays.stream(rooms.split("\\|", -1))
                .map(room -> room.isEmpty() ? ROOT : ROOT + "." + room)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(HOUSE);
    }

    @Test
    void theRulesNeedJavaAlone() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".domain")
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(
                        "java.lang..", "java.util..", "java.time..", "java.net", "org.jspecify..", ROOT + ".domain")))
                .check(HOUSE);
    }

    @Test
    void nobodyReadsTheClockButTheOneThatMakesItAndTheWiring() {
        noClasses()
                .that(otherThan(
                        Clocks.class, Main.class, Environment.class, HealthChecks.class, GracefulShutdown.class))
                .should()
                .callMethodWhere(calls(
                        "reads the clock",
                        call -> isOf(call, System.class, "currentTimeMillis", "nanoTime")
                                || isOf(call, InstantSource.class, "system")
                                || isOf(call, Clocks.class, "system")
                                || isOf(call, java.time.Clock.class, "system", "systemUTC", "systemDefaultZone")
                                || (call.getName().equals("now")
                                        && call.getTargetOwner()
                                                .getPackageName()
                                                .equals("java.time"))))
                .check(HOUSE);
    }

    /**
     * Waiting for a time belongs to the alarm. Beside it these wait: the wiring for requests to end at a stop, and for the API server at the
     * start and at a take-over; writes that are tried again, and the reflector, on threads of their own, until the API server may be asked again.
     */
    @Test
    void nobodySleepsButWhoHasAReason() {
        noClasses()
                .that(otherThan(QuartzAlarm.class, TaskQueueOperator.class, GracefulShutdown.class, TakeOver.class, ApiServerWait.class))
                .and()
                .haveNameNotMatching(ROOT.replace(".", "\\.") + "\\.kube\\.(Backoff(\\$.*)?|TaskReflector)")
                .should()
                .callMethodWhere(calls(
                        "sleeps",
                        call -> isOf(call, Thread.class, "sleep")
                                || isOf(call, TimeUnit.class, "sleep")
                                || isOf(call, LockSupport.class, "parkNanos", "parkUntil")))
                .check(HOUSE);
    }

    @Test
    void theNamesAreTheProductsWords() {
        noClasses()
                .should()
                .haveNameMatching(".*[.$](Abstract|Base)[A-Z].*")
                .orShould()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Job)(\\$.*)?")
                .check(HOUSE);
    }

    @Test
    void logsGoThroughSlf4jAndNothingIsPrintedButTheHelp() {
        noClasses().should().dependOnClassesThat().areAssignableTo(Logger.class).check(HOUSE);
        noClasses()
                .that(otherThan(Main.class))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(HOUSE);
    }

    @Test
    void everyRoomSaysWhatItIsAndIsNullMarked() {
        HOUSE.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .forEach(room -> assertThat(room.tryGetAnnotationOfType(NullMarked.class))
                        .as("@NullMarked in the package-info of %s", room.getName())
                        .isPresent());
    }

    private static DescribedPredicate<JavaClass> otherThan(Class<?>... these) {
        return describe(
                "none of " + Arrays.toString(these),
                other -> Arrays.stream(these).noneMatch(known -> other.isEquivalentTo(known)));
    }

    private static DescribedPredicate<JavaMethodCall> calls(String what, Predicate<JavaMethodCall> which) {
        return describe(what, which);
    }

    private static boolean isOf(JavaMethodCall call, Class<?> owner, String... names) {
        return call.getTargetOwner().isEquivalentTo(owner) && Set.of(names).contains(call.getName());
    }
}

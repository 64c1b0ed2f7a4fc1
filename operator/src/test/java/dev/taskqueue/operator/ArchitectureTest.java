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
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.taskqueue.operator.alarm.QuartzAlarm;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the code base that a compiler does not check: which package may depend on which, and what no class may do. */
class ArchitectureTest {
    private static final String ROOT = ArchitectureTest.class.getPackageName();
    private static final int LONGEST_FILE = 350;
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    /** The packages that each package may depend on. The root package holds the wiring and may depend on all. */
    private static final Map<String, Set<String>> DEPENDENCIES = Map.ofEntries(
            Map.entry("api", Set.of()),
            Map.entry("domain", Set.of()),
            Map.entry("limits", Set.of("domain")),
            Map.entry("engine", Set.of("limits", "domain")),
            Map.entry("task", Set.of("engine", "domain", "api")),
            Map.entry("batch", Set.of("task", "engine", "domain", "api")),
            Map.entry("kube", Set.of("task", "limits", "domain", "api")),
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
            Map.entry(
                    "batches",
                    Set.of(
                            "batch", "prepare", "intake", "write", "cache", "kube", "task", "engine", "limits",
                            "domain", "api")),
            Map.entry("reconcile", Set.of("cache", "task", "engine", "domain", "api")),
            Map.entry("alarm", Set.of("engine", "domain")),
            Map.entry("lease", Set.of("engine", "domain")),
            Map.entry("ops", Set.of("engine", "limits", "domain")),
            Map.entry("events", Set.of("kube", "engine", "domain", "api")),
            Map.entry("traces", Set.of("engine", "domain")),
            Map.entry("simulation", Set.of("engine", "domain")),
            Map.entry("plan", Set.of("simulation", "reconcile", "batch", "task", "engine", "domain", "api")));

    @Test
    void everyPackageHasItsDependenciesListed() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).filter(name -> !name.equals(ROOT)))
                .allSatisfy(name -> assertThat(DEPENDENCIES).containsKey(name.substring(ROOT.length() + 1)));
    }

    static Stream<String> packages() {
        return DEPENDENCIES.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageDependsOnlyOnWhatIsListed(String pkg) {
        String[] allowed = Stream.concat(Stream.of(pkg), DEPENDENCIES.getOrDefault(pkg, Set.of()).stream())
                .map(name -> ROOT + "." + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + pkg + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    /** A file is a top-level class with its nested classes. */
    @Test
    void filesHaveNoCycles() {
        slices().assignedFrom(new FileSlices()).should().beFreeOfCycles().check(CLASSES);
    }

    private static final class FileSlices implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            JavaClass file = type;
            while (file.getEnclosingClass().isPresent()) {
                file = file.getEnclosingClass().get();
            }
            return SliceIdentifier.of(file.getName());
        }

        @Override
        public String getDescription() {
            return "files";
        }
    }

    @Test
    void planKnowsNoApiServerClient() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".plan..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.fabric8.kubernetes.client..", ROOT + ".kube..", ROOT + ".cache..", ROOT + ".write.."))
                .check(CLASSES);
    }

    @Test
    void noSourceFileIsLong() throws IOException {
        var tooLong = new TreeMap<String, Integer>();
        for (String module : List.of(".", "client", "control-plane", "dev")) {
            try (Stream<Path> files = Files.walk(Path.of(module, "src/main/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    int lines = Files.readAllLines(file).size();
                    if (lines > LONGEST_FILE) {
                        tooLong.put(file.getFileName().toString(), lines);
                    }
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    /** An empty package name stands for the root package. */
    @ParameterizedTest(name = "only {1} may use {0}")
    @CsvSource({
        "org.quartz.., alarm",
        "okhttp3.., dispatch|kube",
        "okio.., dispatch|kube",
        "io.javaoperatorsdk.., reconcile|",
        "io.prometheus.., ops",
        "io.fabric8.kubernetes.client.., kube|targets|lease|reconcile|api|",
        "com.sun.net.httpserver.., ops",
        "com.fasterxml.jackson.databind.., kube|events|task|batch|batches|intake|prepare|status|targets|api|plan",
        "com.fasterxml.jackson.dataformat.., plan",
        "io.opentelemetry.., traces",
        "org.slf4j.., events|traces|engine|kube|batches|write|retention|status|prepare|targets|lease|reconcile|dispatch|alarm|ops|",
        "ch.qos.logback.., ops",
        "java.util.logging.., nowhere",
        "java.net.http.., nowhere",
    })
    void aLibraryIsUsedOnlyWhereItBelongs(String library, String packages) {
        String[] allowed = Arrays.stream(packages.split("\\|", -1))
                .map(name -> name.isEmpty() ? ROOT : ROOT + "." + name)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(CLASSES);
    }

    @Test
    void domainUsesOnlyJava() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".domain")
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(
                        "java.lang..", "java.util..", "java.time..", "java.net", "org.jspecify..", ROOT + ".domain")))
                .check(CLASSES);
    }

    @Test
    void onlyClocksAndTheWiringReadTheTime() {
        noClasses()
                .that(otherThan(
                        Clocks.class,
                        Main.class,
                        Environment.class,
                        HealthChecks.class,
                        GracefulShutdown.class,
                        KubernetesCluster.class))
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
                .check(CLASSES);
    }

    /**
     * Waiting for a time is the alarm's work. Besides the alarm, the wiring sleeps at the start, at a take-over and at a shutdown. Retries of writes
     * and the reflectors sleep on their own threads until they ask the API server again.
     */
    @Test
    void onlyTheAlarmTheWiringAndRetriesSleep() {
        noClasses()
                .that(otherThan(
                        QuartzAlarm.class,
                        TaskQueueOperator.class,
                        GracefulShutdown.class,
                        TakeOver.class,
                        ApiServerWait.class,
                        Sleeper.class))
                .and()
                .haveNameNotMatching(ROOT.replace(".", "\\.") + "\\.write\\.WriteRetries\\$Series")
                .should()
                .callMethodWhere(calls(
                        "sleeps",
                        call -> isOf(call, Thread.class, "sleep")
                                || isOf(call, TimeUnit.class, "sleep")
                                || isOf(call, Sleeper.class, "sleep", "rest", "pause")
                                || isOf(call, LockSupport.class, "parkNanos", "parkUntil")))
                .check(CLASSES);
    }

    @Test
    void classNamesAvoidEmptyWords() {
        noClasses()
                .should()
                .haveNameMatching(".*[.$](Abstract|Base)[A-Z].*")
                .orShould()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Job)(\\$.*)?")
                .check(CLASSES);
    }

    @Test
    void logsGoThroughSlf4jAndOnlyMainPrints() {
        noClasses().should().dependOnClassesThat().areAssignableTo(Logger.class).check(CLASSES);
        noClasses()
                .that(otherThan(Main.class))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        CLASSES.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .forEach(pkg -> assertThat(pkg.tryGetAnnotationOfType(NullMarked.class))
                        .as("@NullMarked in the package-info of %s", pkg.getName())
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

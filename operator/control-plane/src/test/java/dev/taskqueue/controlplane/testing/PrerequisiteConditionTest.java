package dev.taskqueue.controlplane.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;

class PrerequisiteConditionTest {
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path home;

    @Test
    void anIntegrationTestWithoutAnyAnnotationIsSkippedBeforeItIsLoaded() {
        var result = evaluate(PlainIT.class, null);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains(
                                "Not found: kube-apiserver and etcd. Put Go on the PATH and run \"mvn verify\" again"));
    }

    @Test
    void soIsABenchmark() {
        assertThat(evaluate(PlainBench.class, null).isDisabled()).isTrue();
    }

    @Test
    void whatSaysThatItNeedsNothingRuns() {
        assertThat(evaluate(ModestIT.class, null).isDisabled()).isFalse();
    }

    @Test
    void aUnitTestNeedsNothing() {
        assertThat(evaluate(getClass(), null).isDisabled()).isFalse();
    }

    @Test
    void itRunsOnceEverythingIsThere() throws IOException {
        for (String name : new String[] {"kube-apiserver", "etcd", "kubectl"}) {
            put("k8s/1.36.3-linux-amd64/" + name);
        }
        assertThat(evaluate(PlainIT.class, null).isDisabled()).isFalse();
        assertThat(evaluate(DemandingIT.class, null).getReason())
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("Not found: helm. "));
    }

    @Test
    void aMethodNeedsWhatItSaysBesideWhatItsClassNeeds() throws Exception {
        put("tools/helm-3.19.0");
        Method method = ModestIT.class.getDeclaredMethod("needsController");
        var result = evaluate(ModestIT.class, method);
        assertThat(result.getReason())
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("Not found: kube-controller-manager. "));
    }

    @Test
    void inCiWhatIsMissingIsAFailure() {
        environment.put("CI", "true");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> evaluate(PlainIT.class, null))
                .withMessageContaining("With CI=true no test is skipped. Not found: kube-apiserver and etcd. ");
    }

    @Test
    void whatIsUsedWithoutBeingDeclaredFailsEverywhere() {
        environment.put("CI", "false");
        evaluate(DemandingIT.class, null);
        assertThatNoException().isThrownBy(() -> PrerequisiteCondition.checkDeclared(Prerequisite.HELM));
        evaluate(PlainIT.class, null);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> PrerequisiteCondition.checkDeclared(Prerequisite.HELM))
                .withMessageContaining("@Requires(HELM)");
    }

    private ConditionEvaluationResult evaluate(Class<?> type, @Nullable Method method) {
        var context = (ExtensionContext) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ExtensionContext.class},
                (proxy, asked, arguments) -> switch (asked.getName()) {
                    case "getTestClass" -> Optional.of(type);
                    case "getTestMethod" -> Optional.ofNullable(method);
                    default -> throw new UnsupportedOperationException(asked.getName());
                });
        return new PrerequisiteCondition(new InstalledPrograms(environment, home)).evaluateExecutionCondition(context);
    }

    private void put(String file) throws IOException {
        Path program = home.resolve(".kubeapitest").resolve(file);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }
}

/** Must never be initialized: the condition is checked first. */
class PlainIT {
    static {
        fail();
    }

    private static void fail() {
        throw new AssertionError("it was initialized");
    }
}

class PlainBench {}

@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class DemandingIT {}

@Requires({})
class ModestIT {
    @Requires(Prerequisite.CONTROLLER_MANAGER)
    void needsController() {}
}

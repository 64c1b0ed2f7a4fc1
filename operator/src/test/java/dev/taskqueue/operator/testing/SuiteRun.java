package dev.taskqueue.operator.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Records which tests of this JVM run and have succeeded. JUnit finds it by {@code META-INF/services} and calls it for each test. */
public final class SuiteRun implements TestInstancePreConstructCallback, BeforeEachCallback, TestWatcher {
    private static final Set<String> SUCCEEDED = ConcurrentHashMap.newKeySet();
    private static final Set<String> NOT_SUCCEEDED = ConcurrentHashMap.newKeySet();
    private static final ThreadLocal<String> RUNNING = ThreadLocal.withInitial(() -> "no test");

    /** The test that this thread runs, or ran last; {@code Class.method}. */
    static String current() {
        return RUNNING.get();
    }

    /** The tests of these classes that did not run in this JVM, or did not succeed. */
    static List<String> missing(List<Class<?>> classes) {
        var missing = new ArrayList<String>();
        classes.forEach(type -> Stream.of(type.getDeclaredMethods())
                .filter(method -> AnnotationSupport.isAnnotated(method, Testable.class))
                .map(method -> name(type, method.getName()))
                .filter(test -> !SUCCEEDED.contains(test) || NOT_SUCCEEDED.contains(test))
                .sorted()
                .forEach(missing::add));
        return missing;
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        RUNNING.set(name(context));
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        RUNNING.set(name(context));
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        SUCCEEDED.add(name(context));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        NOT_SUCCEEDED.add(name(context));
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        NOT_SUCCEEDED.add(name(context));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        NOT_SUCCEEDED.add(name(context));
    }

    private static String name(ExtensionContext context) {
        return name(
                context.getRequiredTestClass(),
                context.getTestMethod().map(java.lang.reflect.Method::getName).orElse("?"));
    }

    private static String name(Class<?> type, String method) {
        return type.getName() + "." + method;
    }
}

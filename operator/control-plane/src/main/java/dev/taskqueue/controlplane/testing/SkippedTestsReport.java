package dev.taskqueue.controlplane.testing;

import java.nio.file.Path;
import java.util.List;

/**
 * Prints at the very end of Maven's output how many tests were skipped, why, and what to do. Maven starts it inside its own process, before the first
 * test. Maven prints its summary after every plugin, so this text is printed when the process ends.
 */
public final class SkippedTestsReport {
    private static final String RULE = "-".repeat(72);

    private SkippedTestsReport() {}

    /**
     * Registers the report and returns at once.
     *
     * @param arguments the root of the repository
     */
    public static void main(String[] arguments) {
        Path repository = Path.of(arguments[0]);
        long start = System.currentTimeMillis();
        // Prints nothing yet, but loads the thread's classes: Maven's plugin closes the class path after this call.
        print(repository, start);
        // The thread is outside the group of threads that Maven's plugin ends after this call.
        var thread = new Thread(root(), () -> print(repository, start), "skipped tests");
        Runtime.getRuntime().addShutdownHook(thread);
    }

    private static void print(Path repository, long start) {
        List<String> lines = SkippedTests.read(repository, start).lines();
        if (!lines.isEmpty()) {
            warn(RULE);
            lines.forEach(SkippedTestsReport::warn);
            warn(RULE);
        }
    }

    private static void warn(String line) {
        System.out.println("[WARNING] " + line);
    }

    private static ThreadGroup root() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}

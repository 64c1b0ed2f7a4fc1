package dev.taskqueue.controlplane.testing;

import java.nio.file.Path;
import java.util.List;

/**
 * Prints after everything else that Maven says how many tests were skipped, why, and what to do. Maven starts it inside its own process, before
 * the first test: its summary comes after every plugin, so what has to be the end of the output is printed as that process ends.
 */
public final class SkippedTestsReport {
    private static final String RULE = "-".repeat(72);

    private SkippedTestsReport() {}

    /**
     * Returns at once.
     *
     * @param arguments the root of the repository
     */
    public static void main(String[] arguments) {
        Path repository = Path.of(arguments[0]);
        long start = System.currentTimeMillis();
        // Prints nothing yet, and loads what the thread needs: Maven's plugin closes the class path with this call.
        print(repository, start);
        // Outside the group of threads that Maven's plugin ends with this call.
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

package dev.taskqueue.operator.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;

/** CPU seconds, user and system, that processes have used. */
final class CpuTime {
    private static final double NANOS = 1e9;
    private static final com.sun.management.OperatingSystemMXBean THIS_JVM =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private CpuTime() {}

    /** The time of several other processes together. The operating system counts in hundredths of a second. */
    static double of(List<Long> pids) {
        return pids.stream().mapToDouble(CpuTime::of).sum();
    }

    static double of(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .map(Duration::toNanos)
                        .orElseThrow(() -> new IllegalStateException("process " + pid + " has ended"))
                / NANOS;
    }

    static double ofThisJvm() {
        return THIS_JVM.getProcessCpuTime() / NANOS;
    }

    /** How much a source has grown since this call. */
    static DoubleSupplier since(DoubleSupplier source) {
        double before = source.getAsDouble();
        return () -> source.getAsDouble() - before;
    }

    /** Wall-clock seconds since this call. */
    static DoubleSupplier stopwatch() {
        return since(() -> System.nanoTime() / NANOS);
    }
}

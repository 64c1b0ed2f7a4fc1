package dev.taskqueue.operator.simulation.world;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/**
 * Takes what the operators of a run log: errors go to the run, which fails by them, and everything else is dropped. The log of other threads of the JVM
 * stays as it is.
 */
final class SimulationLog extends TurboFilter {
    /** The threads of a run inherit it, whichever process they belong to. */
    private static final InheritableThreadLocal<@Nullable World> WORLD = new InheritableThreadLocal<>();

    private SimulationLog() {}

    /** Takes over the log of all runs in this JVM. To be called before the first run. */
    static synchronized void install() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        if (context.getTurboFilterList().stream().noneMatch(SimulationLog.class::isInstance)) {
            context.addTurboFilter(new SimulationLog());
        }
    }

    /** The log of this thread, and of the threads that it starts, belongs to this run from now on. */
    static void follow(World world) {
        WORLD.set(world);
    }

    static void leave() {
        WORLD.remove();
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable failure) {
        World world = WORLD.get();
        if (world == null) {
            return FilterReply.NEUTRAL;
        }
        // What a standby says that has lost its Lease is as it should be.
        if (format != null
                && level.isGreaterOrEqual(Level.ERROR)
                && !logger.getName().endsWith("LeaderElector")) {
            var formatted = MessageFormatter.arrayFormat(format, arguments, failure);
            world.logged(logger.getName() + " " + formatted.getMessage() + trace(formatted.getThrowable()));
        }
        return FilterReply.DENY;
    }

    private static String trace(@Nullable Throwable failure) {
        if (failure == null) {
            return "";
        }
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return "\n" + text;
    }
}

package dev.taskqueue.operator.simulation.world;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Takes the log of the operators of each run: errors go to the run, which fails by them, and everything else is dropped. */
final class SimulationLog extends AppenderBase<ILoggingEvent> {
    /** The threads of a run inherit it, whichever process they belong to. */
    private static final InheritableThreadLocal<@Nullable World> WORLD = new InheritableThreadLocal<>();

    private SimulationLog() {}

    /** Takes over the log of the whole JVM. To be called once, before the first run. */
    static void install() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var appender = new SimulationLog();
        appender.setContext(context);
        appender.start();
        context.getLoggerList().forEach(logger -> {
            logger.detachAndStopAllAppenders();
            logger.setLevel(logger == root ? Level.toLevel(System.getProperty("simulate.log", "ERROR")) : null);
        });
        root.addAppender(appender);
    }

    /** The log of this thread, and of the threads that it starts, belongs to this run from now on. */
    static void follow(World world) {
        WORLD.set(world);
    }

    static void leave() {
        WORLD.remove();
    }

    @Override
    protected void append(ILoggingEvent event) {
        World world = WORLD.get();
        String line = event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage();
        if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            // What a standby says that has lost its Lease is as it should be.
            if (world != null && !event.getLoggerName().endsWith("LeaderElector")) {
                String trace = event.getThrowableProxy() == null
                        ? ""
                        : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
                world.logged(line + trace);
            }
        } else if (world != null) {
            System.out.printf("%8.3f %s%n", world.scheduler().now() / 1e9, line);
        }
    }
}

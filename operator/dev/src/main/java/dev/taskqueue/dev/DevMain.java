package dev.taskqueue.dev;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The command of the dev mode. {@link DevArguments#HELP} explains what it does and what its exit code means. */
public final class DevMain {
    private static final int AS_EXPECTED = 0;
    private static final int NOT_AS_EXPECTED = 1;
    private static final int WRONG_ARGUMENTS = 2;
    private static final long SECONDS_TO_STOP = 15;

    private static final Path SAMPLES = Path.of("samples", "orders");
    private static final InstantSource CLOCK = InstantSource.system();

    private DevMain() {}

    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "taskqueue-dev-logback.xml");
        // Sends small answers at once, instead of waiting for more data.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.exit(run(System.out, TerminalSize.isLive(System.getenv()), args));
    }

    /** Runs the command and returns its exit code. If {@code live} is true, it draws a table instead of writing lines. */
    static int run(PrintStream out, boolean live, String... args) {
        try {
            return switch (DevArguments.read(args)) {
                case DevArguments.Reading.Help() -> {
                    out.print(DevArguments.HELP);
                    yield AS_EXPECTED;
                }
                case DevArguments.Reading.Wrong(String problem) -> wrong(problem);
                case DevArguments.Reading.Run(DevArguments arguments) ->
                    run(out, live, arguments, manifests(arguments, SAMPLES));
            };
        } catch (IllegalArgumentException | UncheckedIOException wrong) {
            return wrong(String.valueOf(wrong.getMessage()));
        }
    }

    private static int wrong(String problem) {
        System.err.println(problem);
        return WRONG_ARGUMENTS;
    }

    /** Reads the manifests before anything starts, so that mistakes in them are reported at once. */
    static List<Manifest> manifests(DevArguments arguments, Path samples) {
        List<Path> paths = arguments.manifests().isEmpty() ? List.of(samples) : arguments.manifests();
        var all = new ArrayList<Manifest>();
        for (Path path : paths) {
            all.addAll(Manifest.read(path));
        }
        if (arguments.leavesTasksOut() && !namesServiceOf(all, arguments)) {
            // The user's handler has nothing to do with the samples.
            return List.of();
        }
        all.stream().filter(Manifest::isTask).forEach(Manifest::expectation);
        all.sort(Manifest.TASKS_LAST);
        return all;
    }

    private static boolean namesServiceOf(List<Manifest> manifests, DevArguments arguments) {
        return manifests.stream()
                .anyMatch(
                        manifest -> manifest.isService() && arguments.forwards().containsKey(manifest.name()));
    }

    private static int run(PrintStream out, boolean live, DevArguments arguments, List<Manifest> manifests) {
        Instant start = CLOCK.instant();
        var screens = new Screens(out, live);
        Screen screen = screens.screen();
        TaskBoard board = screens.board();
        var run = new DevRun(arguments, screen, board);
        var over = new CountDownLatch(1);
        Thread interrupt = stopOnInterrupt(run, over);
        PrintStream errors = System.err;
        System.setErr(live ? new PrintStream(new LineStream(screen::say), true, StandardCharsets.UTF_8) : errors);
        try (DevApiServer api = apiServer(arguments)) {
            try (run) {
                run.run(api, manifests);
            }
        } catch (IOException failure) {
            throw new IllegalStateException("the dev mode does not start", failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            screen.close();
            System.setErr(errors);
            over.countDown();
            forget(interrupt);
        }
        double seconds = Duration.between(start, CLOCK.instant()).toMillis() / 1000.0;
        out.println(board.summary() + String.format(Locale.ROOT, " (%.1f s)", seconds));
        return board.isAsExpected() ? AS_EXPECTED : NOT_AS_EXPECTED;
    }

    private static DevApiServer apiServer(DevArguments arguments) throws IOException {
        return arguments.real()
                ? RealApiServer.start(InstalledPrograms.here())
                : new EmbeddedServer(EmbeddedApiServer.start(arguments.port(), CLOCK));
    }

    private static Thread stopOnInterrupt(DevRun run, CountDownLatch over) {
        var hook = new Thread(
                () -> {
                    run.stop();
                    try {
                        over.await(SECONDS_TO_STOP, TimeUnit.SECONDS);
                    } catch (InterruptedException stop) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stoppingAlready) {
            // The hook itself ended the run.
        }
    }
}

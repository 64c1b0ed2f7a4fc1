package dev.taskqueue.operator.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder whose files {@code level} and {@code attempts} change the log while the operator runs. In a Pod it is a mounted ConfigMap: the kubelet
 * replaces the files when somebody edits it, and reading them needs no permission. A file that is absent or has a wrong value changes nothing.
 */
public final class LogSettingsFolder {
    private static final Logger LOG = LoggerFactory.getLogger(LogSettingsFolder.class);
    /** How often the files are read. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Path folder;
    private final LogSettings start;
    private LogSettings applied;
    /** The complaint that the log has already; each is shown once. */
    private @Nullable String complained;

    /** @param start the settings of the environment, for files that are absent */
    public LogSettingsFolder(Path folder, LogSettings start) {
        this.folder = folder;
        this.start = start;
        this.applied = start;
    }

    /** Reads the files now, and again and again on a thread of its own that ends with the process. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the process
    public void follow() {
        ThreadFactory daemons =
                Thread.ofPlatform().daemon().name("log-settings").factory();
        @SuppressWarnings("resource") // it lasts as long as the process
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(daemons);
        look();
        thread.scheduleWithFixedDelay(this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Reads the files once, and applies what has changed. */
    void look() {
        LogSettings now;
        try {
            now = new LogSettings(
                    start.format(),
                    read("level", Setting.LOG_LEVEL).orElse(start.level()),
                    read("attempts", Setting.LOG_ATTEMPTS).orElse(start.attempts()));
        } catch (IllegalArgumentException | IOException wrong) {
            complain(Objects.requireNonNullElse(wrong.getMessage(), "they cannot be read"));
            return;
        }
        complained = null;
        if (!now.equals(applied)) {
            applied = now;
            LogOutput.apply(now);
            LOG.info("The log has level {} and lines for attempts: {}", now.level(), now.attempts());
        }
    }

    private <T> Optional<T> read(String name, Setting<T> setting) throws IOException {
        String text;
        try {
            text = Files.readString(folder.resolve(name)).strip();
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return Optional.empty();
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(setting.parse().apply(text));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    "%s has a wrong value; allowed is %s".formatted(folder.resolve(name), setting.allowed()), wrong);
        }
    }

    private void complain(String why) {
        if (!why.equals(complained)) {
            complained = why;
            LOG.warn("The settings of the log stay as they are: {}", why);
        }
    }
}

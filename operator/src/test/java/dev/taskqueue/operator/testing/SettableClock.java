package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/** The wall clock of a process that a test starts. The test may set it, as a person or NTP sets the clock of a machine. The monotonic clock goes on. */
public final class SettableClock {
    private final Path offset;

    public SettableClock() {
        offset = TestFolders.create("clock").resolve("offset");
        set(Duration.ZERO);
    }

    /** What the process needs in its environment. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", Tools.libfaketime().toString(),
                "FAKETIME_TIMESTAMP_FILE", offset.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                // An earlier name of the same setting.
                "DONT_FAKE_MONOTONIC", "1",
                // The JVM waits by the monotonic clock. Without this, a wait of less than a second does not wait at
                // all.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                // The JVM compares times of files with its archive of classes.
                "NO_FAKE_STAT", "1");
    }

    /** From now on the clock is ahead of the real time by this much. The file is replaced at once, so the process never reads half of it. */
    public void set(Duration ahead) {
        try {
            Path next = Files.writeString(offset.resolveSibling("next"), "%+d%n".formatted(ahead.toSeconds()));
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.taskqueue.dev;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Opens a page in the browser of the person who started the dev mode. */
final class Browser {
    private Browser() {}

    /** Returns what to say if no browser can be opened. */
    static Optional<String> open(String url) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        List<String> command = system.contains("mac")
                ? List.of("open", url)
                : system.contains("win")
                        ? List.of("rundll32", "url.dll,FileProtocolHandler", url)
                        : List.of("xdg-open", url);
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return Optional.empty();
        } catch (IOException missing) {
            return Optional.of("No browser could be opened (" + command.getFirst() + "): open the console by hand.");
        }
    }
}

package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The number of rows and columns of the terminal. */
record TerminalSize(int rows, int columns) {
    private static final TerminalSize USUAL = new TerminalSize(24, 100);

    /** Whether standard output is a terminal that understands more than plain lines. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again if there is no terminal
    static boolean isLive(Map<String, String> environment) {
        return System.console() != null
                && System.console().isTerminal()
                && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
    }

    /** Asks the terminal itself, by {@code stty}. Without a terminal it returns the usual size. */
    static TerminalSize now() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), US_ASCII).strip();
            if (stty.waitFor(1, TimeUnit.SECONDS) && answer.matches("[1-9][0-9]* [1-9][0-9]*")) {
                String[] numbers = answer.split(" ", 2);
                return new TerminalSize(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
            }
            return USUAL;
        } catch (IOException noSuchProgram) {
            return USUAL;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }
}

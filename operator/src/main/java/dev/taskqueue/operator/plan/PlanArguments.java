package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What the command is asked for.
 *
 * @param files manifests; {@code -} is standard input
 * @param namespace of objects that name none
 * @param load the backlog that each queue is rehearsed with
 * @param outage for how long all answers are 503 in a second rehearsal; zero = there is none
 * @param report what is printed, and what counts as failure
 */
record PlanArguments(List<String> files, String namespace, Forecast.Load load, Duration outage, Report report) {
    static final String USAGE = """
            java -jar taskqueue-operator.jar plan [options] FILE...

            Tells what the queues, Tasks and TaskBatches of manifests will do: when a failing Task is tried again and given up, how long
            a backlog takes, and what to look at before they are applied. It uses the operator's own rules and engine in
            virtual time and needs no cluster. FILE is a file or a folder of YAML or JSON; - is standard input.

            --backlog N          Tasks that are all due at once, 1 to 10000000 (default: 10000)
            --duration D         how long a handler takes to answer (default: 100ms)
            --outage D           also: all answers are 503 for so long from the beginning, at most 24h
            --namespace NAME     of objects that name none (default: default)
            --output FORMAT      text or json (default: text)
            --fail-on SEVERITY   error, warning or note: exit code 1 where there is such a finding (default: error)

            D is a duration such as 200ms, 10s or 1h30m. The operator's settings in the environment count here too.
            Exit code: 0; 1 where something would be refused, or as --fail-on says; 2 for wrong arguments or an unreadable
            FILE.
            """;

    /** How the plan is printed. */
    enum Format {
        TEXT,
        JSON
    }

    /**
     * The form of the answer.
     *
     * @param failOn findings of this weight, and graver ones, make the command fail
     */
    record Report(Format format, Finding.Weight failOn) {}

    private static final int MOST_TASKS = 10_000_000;

    /** @throws IllegalArgumentException with a sentence for the user */
    static PlanArguments parse(List<String> words) {
        var files = new ArrayList<String>();
        String namespace = "default";
        int backlog = 10_000;
        Duration handler = Duration.ofMillis(100);
        Duration outage = Duration.ZERO;
        Format format = Format.TEXT;
        Finding.Weight failOn = Finding.Weight.ERROR;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String word = rest.next();
            switch (word) {
                case "--backlog" -> backlog = count(word, value(word, rest));
                case "--duration" -> handler = duration(word, value(word, rest));
                case "--outage" -> outage = duration(word, value(word, rest));
                case "--namespace" -> namespace = value(word, rest);
                case "--output" -> format = oneOf(Format.class, word, value(word, rest));
                case "--fail-on" -> failOn = oneOf(Finding.Weight.class, word, value(word, rest));
                default -> {
                    if (word.startsWith("-") && !word.equals("-")) {
                        throw new IllegalArgumentException(word + " is no option of plan.");
                    }
                    files.add(word);
                }
            }
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("plan needs a FILE, or - for standard input.");
        }
        return new PlanArguments(
                List.copyOf(files), namespace, new Forecast.Load(backlog, handler), outage, new Report(format, failOn));
    }

    private static <E extends Enum<E>> E oneOf(Class<E> values, String option, String text) {
        for (E value : values.getEnumConstants()) {
            if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException(option + " is one of "
                + Arrays.stream(values.getEnumConstants())
                        .map(value -> value.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))
                + ".");
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value.");
        }
        return rest.next();
    }

    private static int count(String option, String text) {
        if (!text.matches("[0-9]{1,8}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST_TASKS) {
            throw new IllegalArgumentException(option + " is a whole number from 1 to " + MOST_TASKS + ".");
        }
        return Integer.parseInt(text);
    }

    private static Duration duration(String option, String text) {
        Duration duration;
        try {
            duration = Durations.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(option + ": " + wrong.getMessage() + ".", wrong);
        }
        if (duration.compareTo(Duration.ofHours(24)) > 0) {
            throw new IllegalArgumentException(option + " is at most 24h.");
        }
        return duration;
    }
}

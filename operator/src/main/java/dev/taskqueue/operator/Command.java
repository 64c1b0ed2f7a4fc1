package dev.taskqueue.operator;

import java.util.List;

/** What the arguments of the program ask for. */
sealed interface Command {
    /** Starts the operator. */
    record Run() implements Command {}

    /**
     * Says what manifests will do, without a cluster.
     *
     * @param arguments those after the word {@code plan}
     */
    record Plan(List<String> arguments) implements Command {}

    record Help() implements Command {}

    record Version() implements Command {}

    /** An argument that does not exist. The operator must not start: whoever wrote the argument expects something else. */
    record Unknown(String argument) implements Command {
        /** A sentence for people. */
        String message() {
            return "\"%s\" is no argument of this program. It has: plan FILE..., --help and --version. Without arguments it starts the operator, whose settings are environment variables."
                    .formatted(argument);
        }
    }

    static Command of(List<String> words) {
        if (words.isEmpty()) {
            return new Run();
        }
        if (words.getFirst().equals("plan")) {
            return new Plan(words.subList(1, words.size()));
        }
        for (String word : words) {
            if (!word.equals("--help") && !word.equals("--version")) {
                return new Unknown(word);
            }
        }
        return words.contains("--help") ? new Help() : new Version();
    }
}

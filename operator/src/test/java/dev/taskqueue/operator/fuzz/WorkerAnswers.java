package dev.taskqueue.operator.fuzz;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The worker's answer to a Task, by the name of the Task: the same for the same seed. */
final class WorkerAnswers implements Function<String, RawAnswer> {
    /** A Task with a spec that was made; its answer is seldom odd. */
    private static final Pattern FUZZED = Pattern.compile("f-(\\d+)-\\d+");
    /** A Task whose answer is always odd. */
    private static final Pattern HOSTILE = Pattern.compile("h-(\\d+)");

    private static final int ONE_IN = 5;

    private final AnswerDeck deck;

    WorkerAnswers(long seed) {
        deck = new AnswerDeck(seed);
    }

    @Override
    public RawAnswer apply(String task) {
        Matcher hostile = HOSTILE.matcher(task);
        if (hostile.matches()) {
            return deck.answer(Integer.parseInt(hostile.group(1)));
        }
        Matcher fuzzed = FUZZED.matcher(task);
        if (!fuzzed.matches() || Integer.parseInt(fuzzed.group(1)) % ONE_IN > 0) {
            return RawAnswer.OK;
        }
        RawAnswer answer = deck.answer(Integer.parseInt(fuzzed.group(1)));
        // Its own deadline may be half an hour.
        return answer.statusCode() > 0
                ? answer
                : new RawAnswer(answer.shape(), answer.pieces(), RawAnswer.End.CLOSE, answer.statusCode());
    }
}

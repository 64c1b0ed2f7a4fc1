package dev.taskqueue.operator.fuzz;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The worker's answer to a Task, by the name of the Task: the same for the same seed. */
final class WorkerAnswers implements Function<String, RawAnswer> {
    /** A Task with a spec that was made; its answer is seldom odd. */
    private static final Pattern FUZZED = Pattern.compile("f-(\\d+)-\\d+(?:-(\\d{1,3}))?");
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
        if (!fuzzed.matches() || number(fuzzed) % ONE_IN > 0) {
            return RawAnswer.OK;
        }
        RawAnswer answer = deck.answer(number(fuzzed));
        // Its own deadline may be half an hour.
        return answer.statusCode() > 0
                ? answer
                : new RawAnswer(answer.shape(), answer.pieces(), RawAnswer.End.CLOSE, answer.statusCode());
    }

    /** The items of a TaskBatch are answered in different ways. */
    private static int number(Matcher name) {
        String index = name.group(2);
        return Integer.parseInt(name.group(1)) + (index == null ? 0 : Integer.parseInt(index));
    }
}

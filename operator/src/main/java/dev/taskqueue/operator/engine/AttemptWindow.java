package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.Throttle;

/** Counts the attempts of a lane that have ended, in windows of {@value Throttle#WINDOW_SECONDS} s. The lane's lock guards it. */
final class AttemptWindow {
    private static final int WINDOWS_PER_MINUTE = 60 / Throttle.WINDOW_SECONDS;

    private final int[] ended = new int[WINDOWS_PER_MINUTE];
    private int current;
    private int overloaded;
    private int serverErrors;

    void count(Outcome outcome) {
        ended[current]++;
        if (outcome instanceof Outcome.Answered answered) {
            int code = answered.statusCode();
            overloaded += code == 429 || code == 503 ? 1 : 0;
            serverErrors += code / 100 == 5 ? 1 : 0;
        }
    }

    /** Closes the running window and returns its counts. */
    Throttle.Window close() {
        var window = new Throttle.Window(ended[current], overloaded, serverErrors);
        current = (current + 1) % WINDOWS_PER_MINUTE;
        ended[current] = 0;
        overloaded = 0;
        serverErrors = 0;
        return window;
    }

    int lastMinute() {
        int sum = 0;
        for (int count : ended) {
            sum += count;
        }
        return sum;
    }
}

package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.ItemAttempts;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of items as {@code status.retries} has them: one text for each hundred indexes, named by the first of them, with entries separated by
 * spaces. Of an item that waits for another attempt: {@code INDEX:k/r/e@FIRST+NEXT!CODE}. These are its attempts, answers, and answers outside 5xx; its first
 * attempt in seconds and its next one in milliseconds after {@code startTime}; and the last status, 0 for no answer, {@code 0D} for none by the deadline.
 * {@code ~N} behind it counts the attempts before this round. Of an item that has failed or was skipped: {@code INDEX!CODE~N}, with N attempts in all; a letter behind the code is the
 * reason why it failed.
 */
final class RetryEntries {
    /** The most characters of one text that the CRD takes. */
    static final int MAX_LENGTH = 4096;

    /** Stands behind the code 0 of an attempt that had no answer by its deadline. */
    private static final String TIMED_OUT = "D";

    private static final int CHUNK = 100;
    private static final int MAX_SHORT_COUNT = 99_999;

    private static final Pattern WAITING = Pattern.compile(
            "(\\d{1,3}):(\\d{1,9})(?:/(\\d{1,9})/(\\d{1,9}))?@(-?\\d{1,12})\\+(-?\\d{1,15})!(\\d{1,3})(D?)(?:~(\\d{1,9}))?");
    private static final Pattern ENDED = Pattern.compile("(\\d{1,3})!(\\d{1,3})([A-Z]?)~(\\d{1,9})");

    /** How much of an entry is written. The short forms are for the case that a text would be too long for the CRD. */
    private enum Form {
        Whole,
        /** Every attempt counts as answered outside 5xx. */
        Short,
        /** Earlier rounds are left out, too. */
        Shortest
    }

    private final SortedMap<Integer, ItemRetry> waiting = new TreeMap<>();
    private final SortedMap<Integer, EndedItem> ended = new TreeMap<>();

    SortedMap<Integer, ItemRetry> waiting() {
        return waiting;
    }

    SortedMap<Integer, EndedItem> ended() {
        return ended;
    }

    /**
     * Writes the entries.
     *
     * @param startAt {@code status.startTime} in epoch milliseconds
     */
    static SortedMap<String, String> format(
            Map<Integer, ItemRetry> waiting, Map<Integer, EndedItem> ended, int total, long startAt) {
        var texts = new TreeMap<String, String>();
        for (int first = 0; first < total; first += CHUNK) {
            String text = chunk(first, waiting, ended, startAt);
            if (!text.isEmpty()) {
                texts.put(Integer.toString(first), text);
            }
        }
        return texts;
    }

    private static String chunk(
            int first, Map<Integer, ItemRetry> waiting, Map<Integer, EndedItem> ended, long startAt) {
        String text = "";
        for (Form form : Form.values()) {
            text = chunk(first, index -> entry(index, waiting.get(index), ended.get(index), startAt, form));
            if (text.length() <= MAX_LENGTH) {
                break;
            }
        }
        return text;
    }

    private static String chunk(int first, IntFunction<String> entries) {
        var text = new StringBuilder();
        for (int index = first; index < first + CHUNK; index++) {
            String entry = entries.apply(index);
            if (!entry.isEmpty()) {
                text.append(text.isEmpty() ? "" : " ").append(entry);
            }
        }
        return text.toString();
    }

    private static String entry(
            int index, @Nullable ItemRetry retry, @Nullable EndedItem end, long startAt, Form form) {
        if (retry != null) {
            return waitingEntry(index, retry, startAt, form);
        }
        return end == null || end.equals(EndedItem.UNSENT) ? "" : endedEntry(index, end);
    }

    private static String waitingEntry(int index, ItemRetry retry, long startAt, Form form) {
        ItemAttempts attempts = retry.attempts();
        long first = attempts.firstAt() == 0 ? 0 : Math.floorDiv(attempts.firstAt() - startAt, 1000L);
        String counts = form == Form.Whole
                ? attempts.attempts() + "/" + attempts.responses() + "/" + attempts.executions()
                : Integer.toString(Math.min(attempts.attempts(), MAX_SHORT_COUNT));
        int earlier = switch (form) {
            case Whole -> attempts.earlier();
            case Short -> Math.min(attempts.earlier(), MAX_SHORT_COUNT);
            case Shortest -> 0;
        };
        return index + ":" + counts + "@" + first + "+" + (retry.nextAt() - startAt) + "!" + attempts.lastCode()
                + (attempts.timedOut() ? TIMED_OUT : "") + (earlier == 0 ? "" : "~" + earlier);
    }

    private static String endedEntry(int index, EndedItem end) {
        return index + "!" + end.lastCode() + letter(end.reason()) + "~" + end.attempts();
    }

    private static String letter(Ending.@Nullable Reason reason) {
        return reason == null ? "" : reason.name().substring(0, 1);
    }

    private static Ending.@Nullable Reason reason(String letter) {
        for (Ending.Reason reason : Ending.Reason.values()) {
            if (letter(reason).equals(letter)) {
                return reason;
            }
        }
        return null;
    }

    /** Reads one text and adds its entries. An entry that cannot be read was not written by an operator, and counts as absent. */
    void read(String text, int total, long startAt) {
        for (String entry : text.split(" ", -1)) {
            Matcher retry = WAITING.matcher(entry);
            if (retry.matches()) {
                putWaiting(retry, total, startAt);
                continue;
            }
            Matcher end = ENDED.matcher(entry);
            if (end.matches() && number(end, 1) < total) {
                ended.put(number(end, 1), new EndedItem(number(end, 4), number(end, 2), reason(end.group(3))));
            }
        }
    }

    private void putWaiting(Matcher entry, int total, long startAt) {
        int index = number(entry, 1);
        if (index >= total) {
            return;
        }
        int attempts = number(entry, 2);
        boolean isWhole = entry.group(3) != null;
        long firstAt = attempts == 0 ? 0 : startAt + (1000 * Long.parseLong(entry.group(5)));
        waiting.put(
                index,
                new ItemRetry(
                        new ItemAttempts(
                                attempts,
                                isWhole ? number(entry, 3) : attempts,
                                isWhole ? number(entry, 4) : attempts,
                                firstAt,
                                0,
                                number(entry, 7),
                                entry.group(8).equals(TIMED_OUT),
                                entry.group(9) == null ? 0 : number(entry, 9)),
                        startAt + Long.parseLong(entry.group(6))));
    }

    private static int number(Matcher entry, int group) {
        return Integer.parseInt(entry.group(group));
    }
}

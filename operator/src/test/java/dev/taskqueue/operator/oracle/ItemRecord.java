package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What status keeps of the attempts of one item: {@code INDEX:k/r/e@FIRST+NEXT!CODE~B} while it waits for another one, with a D behind the code after a timeout;
 * {@code INDEX!CODE~N} with a letter for
 * the reason once it has failed or was skipped.
 *
 * @param attempts of this round; of an item that has ended, of all rounds
 * @param executions answers outside 5xx in this round
 * @param nextAt when the next one is due
 * @param code the last answer, 0 for none
 * @param timedOut whether the last attempt had no answer by its deadline
 * @param earlier attempts of earlier rounds
 * @param reason the first letter of the reason for which it has failed; empty if it waits, was skipped or has no reason
 */
record ItemRecord(int attempts, int executions, long nextAt, int code, boolean timedOut, int earlier, String reason) {
    static final ItemRecord NONE = new ItemRecord(0, 0, Values.ALWAYS, 0, false, 0, "");

    private static final long MILLI = 1_000_000;
    private static final Pattern WAITING =
            Pattern.compile("(\\d+):(\\d+)(?:/(\\d+)/(\\d+))?@(-?\\d+)\\+(-?\\d+)!(\\d+)(D?)(?:~(\\d+))?");
    private static final Pattern ENDED = Pattern.compile("(\\d+)!(\\d+)([A-Z]?)~(\\d+)");

    /** By index. */
    static Map<Integer, ItemRecord> of(JsonNode status) {
        var records = new HashMap<Integer, ItemRecord>();
        long start = Values.time(status, "startTime", 0);
        for (JsonNode chunk : status.path("retries")) {
            for (String entry : chunk.asText().split(" ", -1)) {
                Matcher waiting = WAITING.matcher(entry);
                Matcher ended = ENDED.matcher(entry);
                if (waiting.matches()) {
                    records.put(number(waiting, 1), waiting(waiting, start));
                } else if (ended.matches()) {
                    var record = new ItemRecord(
                            number(ended, 4), 0, Values.ALWAYS, number(ended, 2), false, 0, ended.group(3));
                    records.put(number(ended, 1), record);
                }
            }
        }
        return records;
    }

    private static ItemRecord waiting(Matcher entry, long start) {
        long nextAt = start + Long.parseLong(entry.group(6)) * MILLI;
        int executions = entry.group(4) == null ? 0 : number(entry, 4);
        int earlier = entry.group(9) == null ? 0 : number(entry, 9);
        return new ItemRecord(
                number(entry, 2),
                executions,
                nextAt,
                number(entry, 7),
                !entry.group(8).isEmpty(),
                earlier,
                "");
    }

    private static int number(Matcher entry, int group) {
        return Integer.parseInt(entry.group(group));
    }

    /** Which attempt of an item is claimed, by the time at which it left; by index. */
    static Map<Integer, String> claims(JsonNode status) {
        var claims = new HashMap<Integer, String>();
        for (JsonNode claim : status.path("claims")) {
            BatchModel.ranges(text(claim, "indexes")).stream()
                    .forEach(index -> claims.put(index, text(claim, "holder") + text(claim, "dispatchTime")));
        }
        return claims;
    }
}

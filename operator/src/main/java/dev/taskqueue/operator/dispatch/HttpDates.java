package dev.taskqueue.operator.dispatch;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dates of HTTP (RFC 9110, 5.6.7), and the ones that programs write in their place: a day with one digit, a wrong or missing weekday, UTC
 * or an offset in place of GMT, RFC 3339. A date without a zone is read as GMT.
 */
final class HttpDates {
    private static final String WEEKDAY = "(?:[a-z]+\\.?,? *)?";
    private static final String DAY = "(?<day>[0-9]{1,2})";
    private static final String MONTH = "(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
    private static final String TIME =
            "(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?<fraction>[.,][0-9]+)?)?";
    private static final String ZONE =
            "(?: *(?:gmt|utc|ut|z)?(?<sign>[+-])(?<hours>[0-9]{2}):?(?<minutes>[0-9]{2})| *(?:gmt|utc|ut|z))?(?: *\\(.*\\))?";

    private static final List<Pattern> FORMS = List.of(
            form(WEEKDAY + DAY + "[ -]+" + MONTH + "[ -]+(?<year>[0-9]{4}|[0-9]{2}),? +" + TIME + ZONE),
            // asctime, and what `date` prints.
            form(WEEKDAY + MONTH + " +" + DAY + ",? +" + TIME + ZONE + " +(?<year>[0-9]{4})"),
            // JavaScript's Date.toString.
            form(WEEKDAY + MONTH + " +" + DAY + ",? +(?<year>[0-9]{4}),? +" + TIME + ZONE),
            form("(?<year>[0-9]{4})-(?<month>[0-9]{2})-" + DAY + "(?:t| +)" + TIME + ZONE));

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    private HttpDates() {}

    /**
     * The time that {@code text} names, a fraction of a second rounded up; empty if it names none.
     *
     * @param now decides the century of a year with two digits
     */
    static Optional<Instant> parse(String text, Instant now) {
        for (Pattern form : FORMS) {
            Matcher date = form.matcher(text);
            if (date.matches()) {
                try {
                    return Optional.of(instant(date, now));
                } catch (DateTimeException e) {
                    // There is no such day or time.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Instant instant(Matcher date, Instant now) {
        LocalDateTime minute = LocalDateTime.of(
                year(date.group("year"), now),
                month(date.group("month")),
                Integer.parseInt(date.group("day")),
                Integer.parseInt(date.group("hour")),
                Integer.parseInt(date.group("minute")));
        // The second may be 60, a leap second.
        int seconds = number(date.group("second")) + (date.group("fraction") == null ? 0 : 1);
        return minute.plusSeconds(seconds).toInstant(offset(date));
    }

    /** A year of two digits that seems more than 50 years ahead is in the past (RFC 9110, 5.6.7). */
    private static int year(String text, Instant now) {
        int year = Integer.parseInt(text);
        if (text.length() > 2) {
            return year;
        }
        int earliest = now.atOffset(ZoneOffset.UTC).getYear() - 49;
        return earliest + Math.floorMod(year - earliest, 100);
    }

    private static int month(String text) {
        int named = MONTHS.indexOf(text.toLowerCase(Locale.ROOT));
        return named >= 0 ? named + 1 : Integer.parseInt(text);
    }

    private static ZoneOffset offset(Matcher date) {
        int sign = "-".equals(date.group("sign")) ? -1 : 1;
        return ZoneOffset.ofHoursMinutes(sign * number(date.group("hours")), sign * number(date.group("minutes")));
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static Pattern form(String text) {
        return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
    }
}

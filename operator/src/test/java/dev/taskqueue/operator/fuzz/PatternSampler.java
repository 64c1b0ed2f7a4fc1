package dev.taskqueue.operator.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes texts that match a regular expression. It knows the part of the syntax that the CRDs use. */
final class PatternSampler {
    private static final int LONGEST_REPETITION = 12;

    private final String pattern;
    private final SplittableRandom random;
    private int at;

    private PatternSampler(String pattern, SplittableRandom random) {
        this.pattern = pattern;
        this.random = random;
    }

    static String sample(String pattern, SplittableRandom random) {
        return new PatternSampler(pattern, random).alternatives();
    }

    /** Parses all alternatives and returns a sample of one. */
    private String alternatives() {
        var all = new ArrayList<String>();
        all.add(sequence());
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            all.add(sequence());
        }
        return all.get(random.nextInt(all.size()));
    }

    private String sequence() {
        var text = new StringBuilder();
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            int start = at;
            String once = atom();
            int times = repetitions();
            int after = at;
            if (times > 0) {
                text.append(once);
            }
            for (int i = 1; i < times; i++) {
                at = start;
                text.append(atom());
            }
            at = after;
        }
        return text.toString();
    }

    private String atom() {
        char c = pattern.charAt(at++);
        return switch (c) {
            case '^', '$' -> "";
            case '(' -> {
                String group = alternatives();
                at++;
                yield group;
            }
            case '[' -> {
                List<Character> characters = characters();
                yield String.valueOf(characters.get(random.nextInt(characters.size())));
            }
            case '\\' -> String.valueOf(escaped(pattern.charAt(at++)));
            case '.' -> "x";
            default -> String.valueOf(c);
        };
    }

    private List<Character> characters() {
        var all = new ArrayList<Character>();
        while (pattern.charAt(at) != ']' || all.isEmpty()) {
            char from = next();
            char to = from;
            if (pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
                at++;
                to = next();
            }
            for (char c = from; c <= to; c++) {
                all.add(c);
            }
        }
        at++;
        return all;
    }

    private char next() {
        char c = pattern.charAt(at++);
        return c == '\\' ? escaped(pattern.charAt(at++)) : c;
    }

    private static char escaped(char c) {
        return c == 't' ? '\t' : c;
    }

    private int repetitions() {
        if (at == pattern.length()) {
            return 1;
        }
        return switch (pattern.charAt(at)) {
            case '?' -> times(0, 1);
            case '*' -> times(0, LONGEST_REPETITION);
            case '+' -> times(1, LONGEST_REPETITION);
            case '{' -> {
                int end = pattern.indexOf('}', at);
                String[] bounds = pattern.substring(at + 1, end).split(",", -1);
                at = end;
                int least = Integer.parseInt(bounds[0]);
                yield times(
                        least,
                        bounds.length == 1
                                ? least
                                : bounds[1].isEmpty() ? least + LONGEST_REPETITION : Integer.parseInt(bounds[1]));
            }
            default -> 1;
        };
    }

    private int times(int least, int most) {
        at++;
        return least + random.nextInt(most - least + 1);
    }
}

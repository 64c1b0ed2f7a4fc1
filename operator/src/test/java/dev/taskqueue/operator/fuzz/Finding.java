package dev.taskqueue.operator.fuzz;

/**
 * Something that must not be.
 *
 * @param rule which rule is broken, in a few words; equal for the same fault of other specs
 * @param spec index of the spec; -1 where it is not known
 * @param seen what was seen
 */
record Finding(String rule, int spec, String seen) {
    static final int UNKNOWN = -1;

    private static final int LONGEST = 4_000;

    @Override
    public String toString() {
        return rule + (spec == UNKNOWN ? "" : " (spec " + spec + ")") + ": " + cut(seen);
    }

    /** Bodies may have megabytes. */
    static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}

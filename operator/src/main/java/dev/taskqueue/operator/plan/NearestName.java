package dev.taskqueue.operator.plan;

import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the name that somebody meant who misspelt it. */
final class NearestName {
    private NearestName() {}

    /** The known name that is meant, if that is plain; null if none is near. */
    static @Nullable String of(String name, Collection<?> known) {
        String best = null;
        int least = Math.max(2, name.length() / 3) + 1;
        for (Object candidate : known) {
            boolean cut = candidate.toString().startsWith(name);
            int distance = cut ? 0 : distance(name, candidate.toString());
            if (distance < least) {
                least = distance;
                best = candidate.toString();
            }
        }
        return best;
    }

    /** How many letters differ (Levenshtein). Capitals do not matter. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}

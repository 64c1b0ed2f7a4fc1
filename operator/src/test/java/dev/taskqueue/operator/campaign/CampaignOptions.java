package dev.taskqueue.operator.campaign;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * How large a campaign is. {@code mvn -Pcampaign verify} takes the numbers from system properties.
 *
 * @param tasks how many Tasks are created, {@code campaign.tasks}; dead letters come on top
 * @param batches how many TaskBatches are created, {@code campaign.batches}; by default one for 100 Tasks
 * @param items how many items the largest TaskBatches have, {@code campaign.items}; at most 1,000
 * @param faults how many faults happen, {@code campaign.faults}
 * @param budget after which nothing new begins, in {@code campaign.minutes}, such as 3 or 2.5; by default a year
 * @param seeds choose Tasks, faults and the deeds of people, {@code campaign.seed}; each seed a part of the run. Times depend on the machine
 */
record CampaignOptions(int tasks, int batches, int items, int faults, Duration budget, List<Long> seeds) {
    private static final String TASKS = "campaign.tasks";
    private static final int TASKS_FOR_ONE_BATCH = 100;
    private static final String FAULTS = "campaign.faults";
    private static final String MINUTES = "campaign.minutes";
    private static final Duration YEAR = Duration.ofDays(365);

    /** One seed, by default a fresh one. */
    static CampaignOptions read() {
        int tasks = Integer.getInteger(TASKS, 3_000);
        String minutes = System.getProperty(MINUTES);
        return new CampaignOptions(
                tasks,
                Integer.getInteger("campaign.batches", tasks / TASKS_FOR_ONE_BATCH),
                Integer.getInteger("campaign.items", 200),
                Integer.getInteger(FAULTS, 20),
                minutes == null ? YEAR : minutes(minutes),
                List.of(seed()));
    }

    /** Whether the run ends at a time, with whatever has happened by then. */
    static boolean isBounded() {
        return System.getProperty(MINUTES) != null;
    }

    private static Duration minutes(String text) {
        return Duration.ofSeconds(Math.round(60 * Double.parseDouble(text)));
    }

    private static long seed() {
        return Long.getLong("campaign.seed", new SecureRandom().nextInt(1, 1_000_000));
    }

    /** The source of random numbers for a share of the run: from 0 to 1 as the run goes on. */
    static Random at(double share, List<Random> randoms) {
        return randoms.get(Math.min((int) (share * randoms.size()), randoms.size() - 1));
    }

    /** Sources of random numbers for one purpose, one for each seed. */
    List<Random> randoms(int purpose) {
        return seeds.stream().map(seed -> new Random(seed * 31 + purpose)).toList();
    }

    /** For names of files. */
    String name() {
        return seeds.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }

    @Override
    public String toString() {
        return "%d Tasks, %d batches of up to %d items, %d faults, seeds %s"
                .formatted(tasks, batches, items, faults, seeds);
    }
}

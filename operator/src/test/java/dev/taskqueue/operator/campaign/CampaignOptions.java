package dev.taskqueue.operator.campaign;

/**
 * How large a campaign is. {@code mvn -Pcampaign verify} takes the numbers from system properties.
 *
 * @param tasks how many Tasks are created, {@code campaign.tasks}; dead letters come on top
 * @param faults how many faults happen, {@code campaign.faults}
 * @param seed chooses Tasks, faults and the deeds of people, {@code campaign.seed}; their times depend on the machine
 */
record CampaignOptions(int tasks, int faults, long seed) {
    static final int TASKS = 3_000;
    static final int FAULTS = 20;

    static CampaignOptions read() {
        return new CampaignOptions(
                Integer.getInteger("campaign.tasks", TASKS),
                Integer.getInteger("campaign.faults", FAULTS),
                Long.getLong("campaign.seed", freshSeed()));
    }

    /** A seed that is easy to copy from a log. */
    static long freshSeed() {
        return new java.security.SecureRandom().nextInt(1, 1_000_000);
    }
}

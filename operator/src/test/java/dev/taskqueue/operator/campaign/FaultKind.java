package dev.taskqueue.operator.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The kinds of faults. A deck has each of them once before any comes again. */
enum FaultKind {
    KILL_LEADER,
    KILL_STANDBY,
    KILL_BOTH,
    TERMINATE_LEADER,
    FREEZE_LEADER,
    FREEZE_LEADER_BRIEFLY,
    KILL_API_SERVER,
    STOP_API_SERVER,
    KILL_ETCD,
    DROP_REQUESTS,
    DROP_ANSWERS,
    REFUSE_WRITES,
    SLOW_CONNECTION,
    CUT_CONNECTION,
    STALL_CONNECTION,
    CUT_WATCHES,
    STEAL_LEASE,
    DELETE_LEASE,
    CLOCK_BACK,
    CLOCK_FORWARD,
    REMOVE_ROLE,
    KILL_LEADER_WHILE_API_SERVER_IS_AWAY;

    /** Whether it is about what a standby does. */
    boolean needsStandby() {
        return switch (this) {
            case KILL_LEADER, KILL_STANDBY, TERMINATE_LEADER, FREEZE_LEADER, STEAL_LEASE, DELETE_LEASE -> true;
            default -> false;
        };
    }

    /** The kinds that happen: those that {@code campaign.kinds} names, separated by commas, or all. */
    static List<FaultKind> chosen() {
        String names = System.getProperty("campaign.kinds", "");
        return names.isEmpty()
                ? List.of(values())
                : Arrays.stream(names.split(",")).map(FaultKind::valueOf).toList();
    }

    /** The deck of a seed. */
    static List<FaultKind> deck(int size, Random random) {
        var deck = new ArrayList<FaultKind>();
        while (deck.size() < size) {
            var round = new ArrayList<>(chosen());
            Collections.shuffle(round, random);
            deck.addAll(round);
        }
        return List.copyOf(deck.subList(0, size));
    }
}

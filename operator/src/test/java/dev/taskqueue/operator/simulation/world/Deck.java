package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.simulation.world.Fault.Trigger;
import dev.taskqueue.operator.simulation.world.Step.Phase;
import dev.taskqueue.operator.simulation.world.Step.Point;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Makes a plan out of a seed: the cluster, what people do, and what goes wrong. The same seed makes the same plan. */
final class Deck {
    static final String SHOP = "shop";
    static final String BANK = "bank";
    static final List<String> NAMESPACES = List.of(SHOP, BANK);

    /** Seeds from here on have worlds of all sizes. Those before have the usual one. */
    static final long FURTHER = 1_000;

    /** From here to {@link #FRESH}, worlds have the sizes in which planted bugs are looked for: none of them is crowded. */
    static final long SEARCHED = 1L << 20;

    /** Seeds that are chosen at random begin here. */
    static final long FRESH = 1L << 21;

    /** The batches of a seed have random numbers of their own. */
    private static final long BATCHES = 0x6261746368L;

    /** So has the crowd. */
    private static final long CROWD = 0x63726F7764L;

    /** So do the faults at rare steps. */
    private static final long RARE_FAULTS = 0x666C74L;

    /** So do calm worlds. */
    private static final long CALM = 0x6F7574L;

    /** So do rare deeds of people. */
    private static final long RARE = 0x72617265L;

    private static final int FAULTS_FOR_ONE_AT_A_RARE_STEP = 5;
    /** Such a fault falls on one of the first 1, 2, 4 ... 16 passings. */
    private static final int RARE_PASSINGS_BITS = 5;
    /** A thread goes on for so many steps at most after a point, before its process is struck. */
    private static final int MOST_HAND_OVERS = 30;

    /** Steps that are passed a few times only, so that faults at points with large numbers of passings miss them. */
    private static final List<Step> RARE_STEPS = List.of(
            Step.WriteBatchStatus,
            Step.WriteBatchStatus,
            Step.WriteBatchStatus,
            Step.WriteBatchEnd,
            Step.CreateBatch,
            Step.ReadBatch,
            Step.SeeBatchChanged,
            Step.AnnotateBatch,
            Step.WriteRedriven,
            Step.WriteRedriven,
            Step.WriteFailed,
            Step.WriteFailed,
            Step.CreateDeadLetter,
            Step.WriteCompletedNote);

    /** A thread that could run waits for up to this time now and then, as on a busy machine. */
    private static final Duration USUAL_DELAY = Duration.ofMillis(3);

    private static final int MILLION = 1_000_000;
    private static final int FAULTS_FOR_ONE_ROLLOUT = 20;
    private static final List<Fault.Kind> AMID = List.of(
            Fault.Kind.SlowApiServer,
            Fault.Kind.SlowApiServer,
            Fault.Kind.DelayWatches,
            Fault.Kind.DelayWatches,
            Fault.Kind.Partition,
            Fault.Kind.RestartApiServer);
    private static final List<Fault.Kind> ENDS =
            List.of(Fault.Kind.Terminate, Fault.Kind.Terminate, Fault.Kind.Crash, Fault.Kind.Freeze);

    /** The sender does not learn what became of its write, or that it may be tried again. */
    private static final List<Fault.Kind> IN_DOUBT = List.of(
            Fault.Kind.LoseAnswer,
            Fault.Kind.LoseAnswer,
            Fault.Kind.SilenceAnswer,
            Fault.Kind.AnswerTimeoutStored,
            Fault.Kind.CutAnswer,
            Fault.Kind.AnswerUnavailable,
            Fault.Kind.AnswerTooMany);

    private final SplittableRandom random;
    private final Size size;
    /** Where much goes wrong, one fault often hides what another one would show. */
    private boolean isCalm;

    /**
     * How large a plan is.
     *
     * @param tasks that producers create
     * @param faults that are planned; those at points that no process passes do not happen
     * @param busy for how long all of this happens
     * @param crowd how many Tasks more the {@link CrowdDeck} creates
     * @param fullBatches how many batches of 1,000 items it creates
     */
    record Size(int tasks, int faults, Duration busy, int crowd, int fullBatches) {
        static final Size USUAL = new Size(1_000, 40, Duration.ofMinutes(1));
        /** Few Tasks and many faults: each Task meets several. */
        static final Size SMALL = new Size(20, 30, Duration.ofSeconds(20));

        private static final Size LARGE = new Size(4_000, 120, Duration.ofMinutes(2));
        /** A large one, in which the queues are also full of the same. */
        private static final Size CROWDED = new Size(4_000, 120, Duration.ofMinutes(2), 12_000, 20);

        Size(int tasks, int faults, Duration busy) {
            this(tasks, faults, busy, 0, 0);
        }

        /** The size that a seed has in a suite. Crowded worlds have most of the Tasks and items, small ones most of the faults. */
        static Size of(long seed) {
            if (seed < FURTHER) {
                return USUAL;
            }
            var chance = new SplittableRandom(~seed);
            if (seed >= SEARCHED && seed < FRESH) {
                return switch (chance.nextInt(8)) {
                    case 0, 1 -> SMALL;
                    case 2, 3, 4 -> LARGE;
                    default -> USUAL;
                };
            }
            return switch (chance.nextInt(16)) {
                case 0, 1 -> CROWDED;
                case 2 -> LARGE;
                case 3, 4 -> USUAL;
                default -> SMALL;
            };
        }
    }

    private Deck(long seed, Size size) {
        this.random = new SplittableRandom(seed);
        this.size = size;
    }

    /** The plan of a seed in a suite. */
    static Plan plan(long seed) {
        return plan(seed, Size.of(seed));
    }

    static Plan plan(long seed, Size size) {
        return new Deck(seed, size).make(seed);
    }

    private Plan make(long seed) {
        var settings = new Plan.Settings(
                random.nextInt(4) == 0 ? 1 : 2,
                Duration.ofSeconds(random.nextInt(4, 16)),
                random.nextInt(3) == 0 ? 0 : random.nextInt(20),
                USUAL_DELAY,
                random.nextBoolean() ? 0 : 200,
                new TreeSet<>(seed % 4 == 3 ? List.of(SHOP, BANK, Network.FORBIDDEN) : List.of()),
                Duration.ZERO,
                size.busy());
        var actions = new ArrayList<>(new ClusterDeck(random.split()).actions());
        actions.addAll(new TaskDeck(random.split(), size).actions());
        actions.addAll(new PeopleDeck(random.split(), size).actions());
        List<Fault> faults = faults();
        actions.addAll(new BatchDeck(new SplittableRandom(seed ^ BATCHES), size).actions());
        actions.addAll(new CrowdDeck(new SplittableRandom(seed ^ CROWD), size).actions());
        actions.addAll(new RareDeck(new SplittableRandom(seed ^ RARE), size, isCalm).actions());
        actions.sort(Comparator.comparing(PersonAction::time));
        if (isCalm) {
            return new CalmDeck(new SplittableRandom(seed ^ CALM), size)
                    .plan(new Plan(seed, settings, actions, List.of()));
        }
        faults.addAll(rareFaults(new SplittableRandom(seed ^ RARE_FAULTS)));
        return new Plan(seed, settings, actions, faults);
    }

    private List<Fault> faults() {
        var faults = new ArrayList<Fault>();
        isCalm = random.nextInt(3) == 0;
        if (isCalm) {
            return faults;
        }
        for (int i = 0; i < size.faults(); i++) {
            faults.add(random.nextInt(4) == 0 ? atATime() : atAPoint());
        }
        for (int i = 0; i < size.faults() / FAULTS_FOR_ONE_ROLLOUT; i++) {
            endsAmid(faults);
        }
        return faults;
    }

    /** Processes end or freeze while something else goes wrong for all, as in a rollout at a bad time. */
    private void endsAmid(List<Fault> faults) {
        Duration time = Duration.ofNanos(random.nextLong(size.busy().toNanos() * 7 / 10));
        Fault.Kind kind = AMID.get(random.nextInt(AMID.size()));
        Duration length = between(5_000, 25_000);
        faults.add(new Fault(new Trigger.At(time), kind, length));
        long most = Math.min(length.toNanos(), size.busy().minus(time).toNanos());
        for (int i = 0; i < 2; i++) {
            Fault.Kind end = ENDS.get(random.nextInt(ENDS.size()));
            // Most faults show only after a while.
            Duration later = Duration.ofNanos(random.nextLong(most / 3, most));
            faults.add(new Fault(new Trigger.At(time.plus(later)), end, length(end)));
        }
    }

    private Fault atAPoint() {
        List<Point> points = Step.points();
        Point point = points.get(random.nextInt(points.size()));
        List<Fault.Kind> kinds = Fault.possibleAt(point);
        Fault.Kind kind = kinds.get(random.nextInt(kinds.size()));
        // Some points are passed a thousand times, others only once.
        int passing = 1 + random.nextInt(1 << random.nextInt(1, 9));
        return new Fault(new Trigger.Passing(point, passing, handOvers(kind)), kind, length(kind));
    }

    private int handOvers(Fault.Kind kind) {
        return kind.target == Fault.Target.Process && random.nextBoolean() ? random.nextInt(1, MOST_HAND_OVERS) : 0;
    }

    /** Half of them end or stop a process in the middle of a write, or leave it in doubt whether it was stored. */
    private List<Fault> rareFaults(SplittableRandom chance) {
        var faults = new ArrayList<Fault>();
        for (int i = 0; i < size.faults() / FAULTS_FOR_ONE_AT_A_RARE_STEP; i++) {
            Step step = RARE_STEPS.get(chance.nextInt(RARE_STEPS.size()));
            boolean isInDoubt = step.kind == Step.Kind.Write && chance.nextInt(4) == 0;
            Point point =
                    step.at(isInDoubt ? Phase.Sending : step.kind.phases.get(chance.nextInt(step.kind.phases.size())));
            List<Fault.Kind> kinds = isInDoubt ? IN_DOUBT : chance.nextInt(3) == 0 ? ENDS : Fault.possibleAt(point);
            Fault.Kind kind = kinds.get(chance.nextInt(kinds.size()));
            int passing = 1 + chance.nextInt(1 << chance.nextInt(RARE_PASSINGS_BITS));
            faults.add(new Fault(new Trigger.Passing(point, passing, handOvers(kind)), kind, length(kind)));
        }
        return faults;
    }

    private Fault atATime() {
        Fault.Kind[] kinds = Fault.Kind.values();
        Fault.Kind kind = kinds[random.nextInt(kinds.length)];
        while (kind == Fault.Kind.RestoreBackup
                || (kind.target != Fault.Target.World && kind.target != Fault.Target.Process)) {
            kind = kinds[random.nextInt(kinds.length)];
        }
        Duration time = Duration.ofNanos(random.nextLong(size.busy().toNanos()));
        return new Fault(new Trigger.At(time), kind, length(kind));
    }

    private Duration length(Fault.Kind kind) {
        return switch (kind) {
            case Crash, Terminate -> between(200, 10_000);
            case Freeze, Suspend -> between(100, 40_000);
            case SetClock -> between(1_000, 60_000);
            case DelayRequest -> between(500, 30_000);
            case DeliveryLate -> between(500, 20_000);
            case LagWatch -> between(100, 15_000);
            case Partition,
                    DelayWatches,
                    RefuseNamespace,
                    ConflictNamespace,
                    HangReads,
                    RefuseWrites,
                    WorkersRefuse,
                    WorkersHang,
                    SlowApiServer -> between(500, 40_000);
            case RestartApiServer, RestoreBackup, StealLease -> between(300, 12_000);
            default -> Duration.ZERO;
        };
    }

    private Duration between(int shortest, int longest) {
        return Duration.ofNanos(random.nextLong((long) shortest * MILLION, (long) longest * MILLION));
    }
}

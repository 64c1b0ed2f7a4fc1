package dev.taskqueue.operator.simulation.world;

import ch.qos.logback.classic.Level;
import dev.taskqueue.operator.oracle.Fact;
import java.time.Duration;
import java.util.*;
import org.slf4j.LoggerFactory;

final class SimulationMain {
    public static void main(String[] args) throws Exception {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger("ROOT")).setLevel(Level.toLevel(System.getProperty("log", "OFF")));
        long first = Long.parseLong(args[0]);
        int runs = Integer.parseInt(args[1]);
        int tasks = Integer.parseInt(args[2]);
        int faults = Integer.parseInt(args[3]);
        int seconds = Integer.parseInt(args[4]);
        for (long seed = first; seed < first + runs; seed++) {
            long begun = java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            var counts = new TreeMap<String, Integer>();
            long[] hash = {1};
            var open = new TreeMap<String, String>();
            World world = new World(Deck.plan(seed, new Deck.Size(tasks, faults, Duration.ofSeconds(seconds))), fact -> {
                counts.merge(fact.getClass().getSimpleName(), 1, Integer::sum);
                hash[0] = hash[0] * 31 + fact.at().hashCode();
                if (fact instanceof Fact.Stored s && s.kind().equals("Task")) {
                    String key = s.object().path("metadata").path("namespace").asText() + "/" + s.object().path("metadata").path("name").asText();
                    String state = s.object().path("status").path("state").asText();
                    if (s.change() == Fact.Change.Deleted || state.equals("Succeeded") || state.equals("Failed")) {
                        open.remove(key);
                        counts.merge("end " + (s.change() == Fact.Change.Deleted ? "deleted" : state), 1, Integer::sum);
                    } else open.put(key, state + " " + s.object().path("spec").path("queueRef").path("name").asText() + " " + s.object().path("status").path("conditions").path(0).path("message").asText());
                }
                if (System.getProperty("facts") != null && !(fact instanceof Fact.Stored)) System.out.println(fact);
                if (fact instanceof Fact.Holds h) System.out.println(h);
            });
            world.run(Duration.ofMinutes(2));
            System.out.printf("seed %d hash %x steps %d foreign %d %.2f s %s uncaught %s open %d%n", seed, hash[0], world.scheduler().steps(), world.scheduler().foreignSteps(), (java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun) / 1e9, counts, world.uncaught().size(), open.size());
            world.uncaught().stream().limit(3).forEach(Throwable::printStackTrace);
            open.entrySet().stream().limit(10).forEach(System.out::println);
        }
    }
}

package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.oracle.Violation;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@link SimulationWorker} reports of one world: a line of JSON.
 *
 * @param broken how often each rule was broken; empty if the run is good
 * @param coverage as {@link Coverage#counts} has it
 */
record WorldReport(
        long seed,
        long steps,
        Map<String, Long> counts,
        Map<String, Integer> broken,
        Map<String, Map<String, Long>> coverage) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static WorldReport of(Simulation.Result result) {
        var broken = new TreeMap<String, Integer>();
        for (Violation violation : result.violations()) {
            broken.merge(violation.rule(), 1, Integer::sum);
        }
        return new WorldReport(
                result.plan().seed(),
                result.steps(),
                result.counts(),
                broken,
                result.coverage().counts());
    }

    String line() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static WorldReport read(String line) throws JsonProcessingException {
        return MAPPER.readValue(line, WorldReport.class);
    }
}

/**
 * Fuzzing. Specs of all kinds are made from the schemas of the CRDs: valid ones, at the bounds, beyond them, and wrong ones. The API server refuses
 * each with a sentence, or the operator brings it into a defined state. Answers of workers are made from a seed in the same way.
 *
 * <p>{@code FuzzIT} runs with every build. {@code mvn -Pfuzz verify -Dfuzz.specs=100000 -Dfuzz.seed=7} runs for longer, and repeats a run.
 */
@NullMarked
package dev.taskqueue.operator.fuzz;

import org.jspecify.annotations.NullMarked;

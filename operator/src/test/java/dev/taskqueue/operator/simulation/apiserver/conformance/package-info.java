/**
 * Shows that the simulated API server keeps the rules of a real one: the same script runs on both, and each step is compared. What a real server
 * answered is recorded in {@code api-server-answers.txt}, so that the comparison needs no control plane.
 */
@NullMarked
package dev.taskqueue.operator.simulation.apiserver.conformance;

import org.jspecify.annotations.NullMarked;

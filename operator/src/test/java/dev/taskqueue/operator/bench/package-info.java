/**
 * The benchmark, run by {@code mvn -Pbench verify} and by nothing else: the packaged operator in a process of its own, on a control plane of
 * its own, with load and worker in this JVM. {@code docs/performance.md} says how to read what it prints. It checks counts (nothing lost,
 * nothing twice, nothing early) and never how fast the machine is.
 */
@NullMarked
package dev.taskqueue.operator.bench;

import org.jspecify.annotations.NullMarked;

/**
 * The benchmark. Only {@code mvn -Pbench verify} runs it: the packaged operator in a separate process, on a separate control plane, with load and
 * worker in this JVM. {@code docs/performance.md} explains the output. The benchmark checks counts (no Task is lost, sent twice or sent early), but
 * never the speed of the machine.
 */
@NullMarked
package dev.taskqueue.operator.bench;

import org.jspecify.annotations.NullMarked;

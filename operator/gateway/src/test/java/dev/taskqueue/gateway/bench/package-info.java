/** Measures the gateway beside a bare loop: {@code mvn -Pbench verify -pl operator/gateway -am}. docs/performance.md tells how to read it. */
@NullMarked
package dev.taskqueue.gateway.bench;

import org.jspecify.annotations.NullMarked;

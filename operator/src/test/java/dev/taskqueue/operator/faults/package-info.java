/**
 * Tests the operator with an API server that misbehaves. The operator runs in this process and uses a proxy that refuses, loses and delays requests
 * by rules. Each test makes the same checks: every Task ends as it should, and the worker has received it as often as its status counts.
 */
@NullMarked
package dev.taskqueue.operator.faults;

import org.jspecify.annotations.NullMarked;

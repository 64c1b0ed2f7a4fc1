/**
 * An API server that misbehaves: the operator works, in this process, through a proxy that refuses, loses and delays by rule. Each test
 * asks the same of it: every Task ends as it should, and the worker has received it as often as its status counts.
 */
@NullMarked
package dev.taskqueue.operator.faults;

import org.jspecify.annotations.NullMarked;

/**
 * Reads Tasks and TaskQueues from JSON, merges them with the defaults of the queue, and checks them; makes the patches of their status. Everything
 * here is pure: it makes no request, reads no clock and keeps nothing. All other packages that handle Tasks call it, on any thread. It may import {@code api},
 * {@code domain} and the values of {@code engine}.
 */
@NullMarked
package dev.taskqueue.operator.task;

import org.jspecify.annotations.NullMarked;

/**
 * Leader election: one of several operators dispatches and writes. {@link dev.taskqueue.operator.lease.LeaderElector} holds the Lease or waits for
 * it, as {@link dev.taskqueue.operator.lease.LeaseRules} decides; {@link dev.taskqueue.operator.lease.LeaseFence} answers everybody else at once and
 * without I/O. May import the engine's ports. The election has a thread of its own; any thread asks the fence.
 */
@NullMarked
package dev.taskqueue.operator.lease;

import org.jspecify.annotations.NullMarked;

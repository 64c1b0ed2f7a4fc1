/**
 * The {@code plan} command: it shows what the queues and Tasks of a manifest will do before they are applied, without a cluster. {@link
 * dev.taskqueue.operator.plan.PlanCommand} is the command; {@link dev.taskqueue.operator.plan.Simulation} runs the real engine in virtual time. May
 * import {@code api}, {@code domain}, {@code engine}, {@code task}, {@code simulation} and {@code reconcile} for their rules. {@code Main} calls it
 * on its own thread; nothing else of the operator is started then.
 */
@NullMarked
package dev.taskqueue.operator.plan;

import org.jspecify.annotations.NullMarked;

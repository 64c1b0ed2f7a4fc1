/**
 * A Kubernetes API server for simulations. It has no threads, no sockets and no clock of its own: each request is handled at once, so a run with the
 * same clock, the same random numbers and the same requests has the same answers. {@link SimulatedApiServer} is the way in.
 *
 * <p>Where to find the rules: {@link dev.taskqueue.operator.simulation.apiserver.ObjectWriter} and ObjectDeleter have the order of the checks of a write,
 * {@link dev.taskqueue.operator.simulation.apiserver.MetadataRules} the fields that a client cannot change,
 * {@link dev.taskqueue.operator.simulation.apiserver.ObjectReader} pages and old versions, and
 * {@link dev.taskqueue.operator.simulation.apiserver.ServerWatch} the events.
 *
 * <p>Each rule was compared with a real API server (package conformance). These differ on purpose:
 *
 * <ul>
 *   <li>Only the parts of a schema are checked that every object meets: unknown fields are removed, defaults are added, and the spec of a Task cannot
 *       be changed. Other schema rules, CEL and limits of sizes are not.
 *   <li>Deleting a Namespace deletes its content at the same moment, in spite of finalizers. A real one is Terminating for a while, in which creations
 *       are refused with 403.
 *   <li>{@code managedFields} say who wrote what kind of write and when, but not which fields. An entry never goes, and an apply removes no field.
 *   <li>{@link SimulatedApiServer#compact} also forgets what the watch cache of a real server keeps for some time.
 *   <li>There is no garbage collection by ownerReferences, and no strategic merge of lists.
 * </ul>
 */
@NullMarked
package dev.taskqueue.operator.simulation.apiserver;

import org.jspecify.annotations.NullMarked;

/**
 * What whoever runs the operator deals with: its settings ({@link dev.taskqueue.operator.ops.Config}), its numbers
 * ({@link dev.taskqueue.operator.ops.Meters}) and its health ({@link dev.taskqueue.operator.ops.HttpEndpoint}). May import {@code domain} and
 * the engine's ports. Main reads the settings before anything starts; the engine's threads call the meters; each HTTP request has a virtual
 * thread of its own.
 */
@NullMarked
package dev.taskqueue.operator.ops;

import org.jspecify.annotations.NullMarked;

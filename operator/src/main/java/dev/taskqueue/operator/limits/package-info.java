/**
 * Bounds that namespaces and queues share. It knows nothing but the names of queues; everybody who holds a bounded resource uses it, from any
 * thread.
 */
@NullMarked
package dev.taskqueue.operator.limits;

import org.jspecify.annotations.NullMarked;

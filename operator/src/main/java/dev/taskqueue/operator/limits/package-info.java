/**
 * Limits that namespaces and queues share. It knows only the names of queues. Packages that hold a bounded resource use it, from any thread. May
 * import {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.limits;

import org.jspecify.annotations.NullMarked;

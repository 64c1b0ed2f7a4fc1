/**
 * A shop with two processes, {@code api} and {@code worker}, that know each other by Tasks alone. {@link Shop} starts one of them; each
 * request is served on a virtual thread of its own. Uses the client of TaskQueue and nothing of the operator.
 */
@NullMarked
package dev.taskqueue.samples.orders;

import org.jspecify.annotations.NullMarked;

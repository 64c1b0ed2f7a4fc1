/** Tests the behaviour that users see, on a real API server. There is one class for each topic of the reference. */
@NullMarked
package dev.taskqueue.operator.behaviour;

import org.jspecify.annotations.NullMarked;

/** What users see the operator do, on a real API server: one class for each topic of the reference. */
@NullMarked
package dev.taskqueue.operator.behaviour;

import org.jspecify.annotations.NullMarked;

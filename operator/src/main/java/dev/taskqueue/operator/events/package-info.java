/**
 * Events of Kubernetes for what a person must act on. They are best effort: delivery never waits for them, and what does not fit is counted or dropped.
 */
@NullMarked
package dev.taskqueue.operator.events;

import org.jspecify.annotations.NullMarked;

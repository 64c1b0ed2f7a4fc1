/**
 * A Task and a TaskQueue as they are written: read from JSON, merged with the defaults of the queue, and checked. Everything here is pure: no
 * request is made, no clock is read, nothing is kept. All other packages that handle Tasks call it, on any thread. It may import {@code api},
 * {@code domain} and the values of {@code engine}.
 */
@NullMarked
package dev.taskqueue.operator.task;

import org.jspecify.annotations.NullMarked;

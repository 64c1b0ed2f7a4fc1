/**
 * Deletes Tasks: finished ones when their retention is over, and those that a purge has taken out of the queue. It may import {@code write},
 * {@code cache}, {@code kube}, {@code task}, {@code engine} and {@code domain}. A tick about every second starts the deletes; they run on threads of the operator.
 */
@NullMarked
package dev.taskqueue.operator.retention;

import org.jspecify.annotations.NullMarked;

/**
 * Deletes Tasks: finished ones when their retention is over, and those that a purge has taken out of line. It may import {@code write},
 * {@code cache}, {@code kube}, {@code task}, {@code engine} and {@code domain}. A tick of about a second drives it; deletes run on the threads of the
 * operator.
 */
@NullMarked
package dev.taskqueue.operator.retention;

import org.jspecify.annotations.NullMarked;

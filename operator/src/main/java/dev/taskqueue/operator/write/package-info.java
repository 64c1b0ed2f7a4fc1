/**
 * Sends all writes to Tasks. {@link dev.taskqueue.operator.write.TaskWriter} asks for permission, waits for a slot, sends, reads the answer and tries
 * again. {@code status} and {@code retention} decide what is written. Writes run on the threads of their callers. It may
 * import {@code kube}, {@code cache}, {@code task}, {@code engine}, {@code limits} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.write;

import org.jspecify.annotations.NullMarked;

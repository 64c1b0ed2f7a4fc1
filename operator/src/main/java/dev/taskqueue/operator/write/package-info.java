/**
 * The one component that writes to Tasks. {@link dev.taskqueue.operator.write.TaskWriter} asks for permission, waits for a place among the writes,
 * sends, reads the answer and tries again. {@code status} and {@code retention} say what is written. Writes run on the threads of their callers. It may
 * import {@code kube}, {@code cache}, {@code task}, {@code engine}, {@code limits} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.write;

import org.jspecify.annotations.NullMarked;

/** The operator's entrance: {@link dev.taskqueue.operator.Main} wires every part by hand and starts them in order. */
@NullMarked
package dev.taskqueue.operator;

import org.jspecify.annotations.NullMarked;

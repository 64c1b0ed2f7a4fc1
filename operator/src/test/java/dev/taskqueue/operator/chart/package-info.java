/** Tests of {@code charts/}: its text, the output of helm, and the result on an API server. */
@NullMarked
package dev.taskqueue.operator.chart;

import org.jspecify.annotations.NullMarked;

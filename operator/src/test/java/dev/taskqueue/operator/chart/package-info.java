/** Tests of {@code charts/}: of its text, of what helm makes of it, and of what an API server does with that. */
@NullMarked
package dev.taskqueue.operator.chart;

import org.jspecify.annotations.NullMarked;

/**
 * Virtual time, and threads of which one runs at a time. {@code plan} and the stories of the engine run on them. It may import {@code engine} and
 * {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.simulation;

import org.jspecify.annotations.NullMarked;

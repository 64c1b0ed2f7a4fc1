/**
 * Virtual time, and threads of which one runs at a time. The simulation of {@code plan} and the stories of the engine run on them, both with the
 * real engine. May import {@code engine} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.simulation;

import org.jspecify.annotations.NullMarked;

/**
 * A real control plane without containers: finds the programs that are installed, and free ports for them, starts and stops them. Imports the
 * JDK only. Tests and the dev mode call it, each from one thread.
 */
@NullMarked
package dev.taskqueue.controlplane;

import org.jspecify.annotations.NullMarked;

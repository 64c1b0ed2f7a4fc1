/**
 * Runs a real control plane without containers: finds the installed programs and free ports for them, and starts and stops the processes. Imports the
 * JDK only. Tests and the dev mode call it, each from one thread.
 */
@NullMarked
package dev.taskqueue.controlplane;

import org.jspecify.annotations.NullMarked;

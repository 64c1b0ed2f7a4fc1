/**
 * The dev mode: {@link dev.taskqueue.dev.DevMain} runs the operator, an API server and stubs for Services in one process, and shows the progress of
 * the Tasks. May import everything; nothing in the operator knows it. The command's own thread starts and stops everything. Events of the watch
 * arrive on the client's threads.
 */
@NullMarked
package dev.taskqueue.dev;

import org.jspecify.annotations.NullMarked;

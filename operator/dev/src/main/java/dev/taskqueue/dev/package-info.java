/**
 * The dev mode: {@link dev.taskqueue.dev.DevMain} runs the operator, an API server and stand-ins for Services in one process, and shows what
 * becomes of the Tasks. May import everything; nothing of the operator knows it. The command's own thread starts and stops all; what the
 * watch tells comes on the client's threads.
 */
@NullMarked
package dev.taskqueue.dev;

import org.jspecify.annotations.NullMarked;

/** Looks at the console in a real browser, and runs the kubectl plugin, against the embedded API server. */
@NullMarked
package dev.taskqueue.dev.console;

import org.jspecify.annotations.NullMarked;

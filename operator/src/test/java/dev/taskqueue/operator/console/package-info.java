/** Runs the tests of the console's pure modules. */
@NullMarked
package dev.taskqueue.operator.console;

import org.jspecify.annotations.NullMarked;

/**
 * For tests of producers and handlers: {@link dev.taskqueue.dev.junit.TaskQueueTest} gives each test an API server and an operator of its own, in
 * virtual time unless asked otherwise. May import everything of this module and the operator's entrance; a test calls it on its own thread.
 */
@NullMarked
package dev.taskqueue.dev.junit;

import org.jspecify.annotations.NullMarked;

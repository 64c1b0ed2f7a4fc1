/**
 * Values and pure rules: what a queue allows, what an attempt's outcome means, when the next one is due. Nothing here reads a clock, starts
 * a thread or knows a library; time comes in as an argument. May import nothing of ours; everybody calls it, on any thread.
 */
@NullMarked
package dev.taskqueue.operator.domain;

import org.jspecify.annotations.NullMarked;

/**
 * Values and pure rules: what a queue allows, what the outcome of an attempt means, when the next attempt is due. Nothing here reads a clock, starts
 * a thread or uses a library; time comes in as an argument. May import no other package of the operator. All packages use it, on any thread.
 */
@NullMarked
package dev.taskqueue.operator.domain;

import org.jspecify.annotations.NullMarked;

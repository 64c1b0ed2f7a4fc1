/**
 * The way in: {@link dev.taskqueue.operator.intake.TaskIntake} takes what a reflector has read, and tells the record of the Task. What follows from
 * that, such as an offer to the engine, is done here, too. It runs on the threads of the reflectors. It may import {@code status}, {@code write},
 * {@code cache}, {@code kube}, {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.intake;

import org.jspecify.annotations.NullMarked;

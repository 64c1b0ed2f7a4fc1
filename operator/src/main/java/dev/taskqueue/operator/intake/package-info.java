/**
 * Takes Tasks in: {@link dev.taskqueue.operator.intake.TaskIntake} passes the objects that a reflector has read to the records of the Tasks, and
 * {@link dev.taskqueue.operator.intake.TaskActions} performs the effects, such as an offer to the engine. It runs on the threads of the reflectors. It
 * may import {@code status}, {@code write},
 * {@code cache}, {@code kube}, {@code task}, {@code engine}, {@code api} and {@code domain}.
 */
@NullMarked
package dev.taskqueue.operator.intake;

import org.jspecify.annotations.NullMarked;

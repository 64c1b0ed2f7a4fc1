/**
 * Wake-ups. {@link dev.taskqueue.operator.alarm.QuartzAlarm} hides Quartz: one trigger per queue, and one per duty that recurs;
 * {@link dev.taskqueue.operator.alarm.AlarmClock} is what the operator asks of it, so that tests can move the time. May import
 * the engine's ports and {@code domain}. The engine sets and clears alarms on any thread; what rings does so on a virtual thread.
 */
@NullMarked
package dev.taskqueue.operator.alarm;

import org.jspecify.annotations.NullMarked;

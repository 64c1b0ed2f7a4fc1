/**
 * Wake-ups. {@link dev.taskqueue.operator.alarm.QuartzAlarm} hides Quartz, and has one trigger per queue.
 * {@link dev.taskqueue.operator.alarm.AlarmClock} is its interface, so that tests can move the time. May import the engine's ports and
 * {@code domain}. The engine sets and clears alarms on any thread; they ring on virtual threads.
 */
@NullMarked
package dev.taskqueue.operator.alarm;

import org.jspecify.annotations.NullMarked;

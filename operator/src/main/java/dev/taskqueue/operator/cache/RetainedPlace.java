package dev.taskqueue.operator.cache;

/** The place of one finished Task among those that are retained. {@link FinishedTasks} makes it, and alone knows what is in it. */
public interface RetainedPlace {}

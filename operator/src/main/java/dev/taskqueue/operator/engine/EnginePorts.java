package dev.taskqueue.operator.engine;

/** The ports of the engine: everything outside it that it calls. */
public record EnginePorts(Dispatcher dispatcher, Journal journal, Alarm alarm, Fence fence, Listener listener) {}

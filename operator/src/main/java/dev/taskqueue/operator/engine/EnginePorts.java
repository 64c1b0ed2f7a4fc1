package dev.taskqueue.operator.engine;

/** The ports of the engine: everything outside it that it calls. */
public record EnginePorts(
        Dispatcher dispatcher, Journal journal, ItemJournal itemJournal, Alarm alarm, Fence fence, Listener listener) {
    /** Ports of an engine without batches. */
    public EnginePorts(Dispatcher dispatcher, Journal journal, Alarm alarm, Fence fence, Listener listener) {
        this(
                dispatcher,
                journal,
                (batch, item, entry) -> {
                    throw new IllegalStateException("this engine has no batches");
                },
                alarm,
                fence,
                listener);
    }
}

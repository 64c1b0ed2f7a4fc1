package dev.taskqueue.operator.kube;

/** The kinds of objects that are delivered. */
public enum ResourceKind {
    TASKS("tasks", "Tasks"),
    TASK_BATCHES("taskbatches", "TaskBatches");

    private final String plural;
    private final String words;

    ResourceKind(String plural, String words) {
        this.plural = plural;
        this.words = words;
    }

    /** Its name in paths of the API. */
    public String plural() {
        return plural;
    }

    /** Its name in sentences. */
    public String words() {
        return words;
    }
}

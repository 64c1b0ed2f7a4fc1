package dev.taskqueue.operator.domain;

/** A setting of the operator that messages for people name: by its environment variable, and by the value of the chart. */
public enum OperatorSetting {
    MAX_SCHEDULE_AHEAD("TASKQUEUE_MAX_SCHEDULE_AHEAD", "settings.maxScheduleAhead"),
    MAX_DISPATCH_DEADLINE("TASKQUEUE_MAX_DISPATCH_DEADLINE", "settings.maxDispatchDeadline"),
    ALLOWED_TARGET_CIDRS("TASKQUEUE_ALLOWED_TARGET_CIDRS", "settings.allowedTargetCidrs");

    private final String variable;
    private final String chartValue;

    OperatorSetting(String variable, String chartValue) {
        this.variable = variable;
        this.chartValue = chartValue;
    }

    /** The environment variable. */
    public String variable() {
        return variable;
    }

    /** The path in the values of the chart. */
    public String chartValue() {
        return chartValue;
    }

    /** Both names, for messages. */
    @Override
    public String toString() {
        return variable + " (chart: " + chartValue + ")";
    }
}

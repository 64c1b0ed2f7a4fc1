package dev.taskqueue.operator.kube;

import java.time.Duration;

/** Hears of every request to the API server. Called on the threads that send them: it must be quick and must not block. */
public interface RequestListener {
    RequestListener NOBODY = new RequestListener() {
        @Override
        public void answered(String verb, String resource, int code, Duration took) {}

        @Override
        public void watchRestarted(String resource) {}
    };

    /**
     * A request was answered, or was given up.
     *
     * @param verb as in RBAC, such as {@code patch}
     * @param resource the plural name, such as {@code tasks}; from a short closed list, else {@code other}
     * @param code 0 = no answer came
     * @param took until the answer began
     */
    void answered(String verb, String resource, int code, Duration took);

    /** A watch that there was before has begun again. */
    void watchRestarted(String resource);
}

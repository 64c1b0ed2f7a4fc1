package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static dev.taskqueue.operator.oracle.Values.textOrNull;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The annotations of the contract, and the marks that keep an object in Git, Helm or {@code kubectl apply}. */
final class Annotations {
    static final String RUN_NOW = "taskqueue.dev/run-now";
    static final String REDRIVE = "taskqueue.dev/redrive";
    static final String HOLD = "taskqueue.dev/hold";
    static final String HOLD_UNTIL = "taskqueue.dev/hold-until";
    static final String KEY = "taskqueue.dev/key";
    static final String COMPLETED = "taskqueue.dev/completed";

    private static final String[] MARKS = {
        "argocd.argoproj.io/tracking-id",
        "meta.helm.sh/release-name",
        "kubectl.kubernetes.io/last-applied-configuration"
    };

    /** From this length on, status has a hash of the value. */
    private static final int LONG_VALUE = 257;

    private Annotations() {}

    /** A value as status notes it once it was acted on; null if there is none. */
    static @Nullable String noted(@Nullable JsonNode annotations, String name) {
        String value = textOrNull(annotations, name);
        if (value == null || value.length() < LONG_VALUE) {
            return value;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static boolean tracked(JsonNode metadata) {
        JsonNode annotations = child(metadata, "annotations");
        if (annotations != null) {
            for (String mark : MARKS) {
                if (annotations.has(mark)) {
                    return true;
                }
            }
        }
        return labelledByFlux(metadata) || applied(metadata);
    }

    private static boolean labelledByFlux(JsonNode metadata) {
        JsonNode labels = child(metadata, "labels");
        if (labels != null) {
            for (Iterator<String> names = labels.fieldNames(); names.hasNext(); ) {
                if (names.next().endsWith(".toolkit.fluxcd.io/name")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Server-side apply by anybody but the operator. */
    private static boolean applied(JsonNode metadata) {
        JsonNode fields = child(metadata, "managedFields");
        if (fields != null) {
            for (JsonNode entry : fields) {
                if ("Apply".equals(text(entry, "operation"))
                        && !text(entry, "manager").startsWith("taskqueue")) {
                    return true;
                }
            }
        }
        return false;
    }
}

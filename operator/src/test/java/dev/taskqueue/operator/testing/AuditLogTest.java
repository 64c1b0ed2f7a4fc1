package dev.taskqueue.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final String USER = "system:serviceaccount:it-1:taskqueue";

    @TempDir
    Path folder;

    private final List<AuditLog.Request> seen = new ArrayList<>();
    private AuditLog audit;

    @BeforeEach
    void follow() throws IOException {
        audit = new AuditLog(folder);
        audit.follow(USER, new AuditLog.Follower() {
            @Override
            public void count(AuditLog.Request request) {
                seen.add(request);
            }

            @Override
            public void asked(AuditLog.Request request) {}
        });
    }

    @Test
    void anUnfinishedLineIsReadOnceItIsWhole() throws IOException {
        write(line("get", "a") + "\n" + line("get", "b").substring(0, 40));
        audit.read();
        assertThat(seen).extracting(AuditLog.Request::name).containsExactly("a");

        write(line("get", "b").substring(40) + "\n");
        audit.read();
        assertThat(seen).extracting(AuditLog.Request::name).containsExactly("a", "b");
    }

    @Test
    void theLineThatAKilledApiServerLeftUnfinishedIsNotJoinedToTheFirstOneOfTheNext() throws IOException {
        write(line("get", "a") + "\n" + line("get", "b").substring(0, 40));
        audit.readOfEnded();

        write(line("get", "c") + "\n");
        audit.read();

        assertThat(seen).extracting(AuditLog.Request::name).containsExactly("a", "c");
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve("audit.log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String line(String verb, String name) {
        return """
                {"stage":"ResponseComplete","verb":"%s","user":{"username":"%s"},"objectRef":{"resource":"tasks","name":"%s",\
                "apiGroup":"taskqueue.dev"},"annotations":{"authorization.k8s.io/decision":"allow"}}""".formatted(verb, USER, name);
    }
}

package dev.taskqueue.operator.campaign;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Finds the operator at the other end of a connection to a worker, from what Linux shows about open sockets. */
final class ConnectionOwners {
    private final Supplier<Map<Long, String>> processes;

    /** @param processes the names of the operators that run now, by their process ids */
    ConnectionOwners(Supplier<Map<Long, String>> processes) {
        this.processes = processes;
    }

    /** The name of the process; empty if it cannot be found, for example because it has just died. */
    String find(Socket accepted) {
        try {
            String inode = inode(accepted.getPort(), accepted.getLocalPort());
            if (!inode.isEmpty()) {
                for (var process : processes.get().entrySet()) {
                    if (has(process.getKey(), "socket:[" + inode + "]")) {
                        return process.getValue();
                    }
                }
            }
        } catch (IOException gone) {
            // A process that ends has no files any more.
        }
        return "";
    }

    /** The inode of the client's socket; empty if it is closed. */
    private static String inode(int clientPort, int workerPort) throws IOException {
        String client = ":%04X ".formatted(clientPort);
        String worker = ":%04X ".formatted(workerPort);
        for (String table : new String[] {"/proc/net/tcp6", "/proc/net/tcp"}) {
            try (Stream<String> lines = Files.lines(Path.of(table))) {
                String line = lines.filter(entry -> {
                            int at = entry.indexOf(client);
                            return at > 0 && entry.indexOf(worker) > at;
                        })
                        .findFirst()
                        .orElse("");
                if (!line.isEmpty()) {
                    return line.strip().toLowerCase(Locale.ROOT).split(" +", -1)[9];
                }
            }
        }
        return "";
    }

    private static boolean has(long pid, String socket) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path file : files) {
                try {
                    if (Objects.equals(Files.readSymbolicLink(file).toString(), socket)) {
                        return true;
                    }
                } catch (IOException closed) {
                    // It was open a moment ago.
                }
            }
        }
        return false;
    }
}

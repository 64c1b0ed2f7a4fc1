package dev.taskqueue.operator.campaign;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out which operator opened a connection to a worker, from what Linux shows of processes and sockets. One look answers for all connections that
 * were there when it began, so thousands of them cost little.
 */
final class ConnectionOwners {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp6"), Path.of("/proc/net/tcp"));

    private final Supplier<Map<Long, String>> processes;
    private Look last = new Look(Long.MIN_VALUE, Map.of());

    /** @param owners processes by the ends of their connections */
    private record Look(long begun, Map<Ends, String> owners) {}

    private record Ends(int client, int worker) {}

    /** @param processes the names of the operators that run now, by their process ids */
    ConnectionOwners(Supplier<Map<Long, String>> processes) {
        this.processes = processes;
    }

    /** The name of the process; empty if it cannot be found, for example because it has just died. */
    String find(Socket accepted) {
        var ends = new Ends(accepted.getPort(), accepted.getLocalPort());
        return since(System.nanoTime()).owners().getOrDefault(ends, "");
    }

    private synchronized Look since(long nanos) {
        if (last.begun() == Long.MIN_VALUE || last.begun() - nanos < 0) {
            last = look();
        }
        return last;
    }

    private Look look() {
        long begun = System.nanoTime();
        var byInode = new HashMap<String, String>();
        processes.get().forEach((pid, name) -> sockets(pid, name, byInode));
        var owners = new HashMap<Ends, String>();
        TABLES.forEach(table -> connections(table, byInode, owners));
        return new Look(begun, owners);
    }

    private static void sockets(long pid, String name, Map<String, String> byInode) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path file : files) {
                try {
                    Matcher socket = SOCKET.matcher(Files.readSymbolicLink(file).toString());
                    if (socket.matches()) {
                        byInode.put(socket.group(1), name);
                    }
                } catch (IOException closed) {
                    // It was open a moment ago.
                }
            }
        } catch (IOException gone) {
            // A process that ends has no files any more.
        }
    }

    /** A line has the number, both addresses with their ports in hexadecimal, eight more fields, and the inode. */
    private static void connections(Path table, Map<String, String> byInode, Map<Ends, String> owners) {
        try (var lines = Files.lines(table)) {
            lines.skip(1).forEach(line -> {
                String[] fields = line.strip().split(" +", -1);
                String owner = byInode.get(fields[9]);
                if (owner != null) {
                    owners.put(new Ends(port(fields[1]), port(fields[2])), owner);
                }
            });
        } catch (IOException e) {
            throw new IllegalStateException("Linux shows no connections", e);
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}

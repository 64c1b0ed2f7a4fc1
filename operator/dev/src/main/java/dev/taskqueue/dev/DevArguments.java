package dev.taskqueue.dev;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of the dev mode; {@link #HELP} explains each of them.
 *
 * @param manifests files and folders; empty = the user named none, so the samples are used
 * @param forwards Service name to the URL that answers for it
 * @param port of the embedded API server; 0 = any
 * @param open whether a browser shows the console
 * @param gateway port of the Cloud Tasks gateway; 0 = any, null = the user named none
 */
record DevArguments(
        List<Path> manifests,
        Map<String, URI> forwards,
        boolean keep,
        int port,
        boolean real,
        boolean open,
        @Nullable Integer gateway) {
    private static final int MAX_PORT = 65_535;

    static final String HELP = """
            Runs the TaskQueue operator, an API server and a sample worker in this process, creates what the manifests
            say, and shows queues and Tasks until every Task has ended or Ctrl-C. Exit code 0: every Task ended as its
            annotation taskqueue.dev/expect says (Succeeded where it has none); 1: not so; 2: wrong arguments.

              --manifests FILE|FOLDER  what to create instead of samples/orders; may be repeated. Services in it are
                                       answered by the sample worker, and what only a cluster can run is left out
              --forward NAME=URL       requests to the Service NAME go to URL, byte for byte; may be repeated. Such as
                                       --forward order-worker=http://localhost:8080. A Service that no manifest has
                                       gets one port, called http, with the URL's number. Without --manifests it stays
                                       up, and of the samples only the queues are created, and only where NAME is a
                                       Service of theirs
              --keep                   stays up when all is done, until Ctrl-C; more Tasks may be created meanwhile
              --port N                 port of the API server on loopback; default: a free one
              --gateway N              port of the Cloud Tasks gateway on loopback; N+1 has TLS. It stays up, and prints what
                                       clients of Cloud Tasks set. The gateway is always open: without this argument at
                                       8123, or at a free port if that one is taken, and without TLS
              --real                   the real kube-apiserver and etcd instead of the embedded API server, where they
                                       are installed (KUBE_API_TEST_DIR, else ~/.kubeapitest)
              --open                   opens the console in a browser; its URL is printed anyway. Not with --real
              --help                   this text

            The annotation taskqueue.dev/expect of a Task is its final state, alone or with the reason behind it:
            Succeeded, Failed, Succeeded/Delivered, Failed/RetriesExhausted, Failed/NonRetryable, Failed/Expired and so
            on. Deleted: it is deleted before its end. AlreadyExists: its creation is refused, because of its name.
            """;

    /** The result of reading the arguments. */
    sealed interface Reading {
        record Run(DevArguments arguments) implements Reading {}

        record Help() implements Reading {}

        /** {@code problem} is a whole sentence. */
        record Wrong(String problem) implements Reading {}
    }

    /** Whether to leave out the samples' Tasks, because they would only disturb the user's own handler. */
    boolean leavesTasksOut() {
        return manifests.isEmpty() && !forwards.isEmpty();
    }

    boolean staysUp() {
        return keep || leavesTasksOut() || gateway != null;
    }

    static Reading read(String... args) {
        if (List.of(args).contains("--help")) {
            return new Reading.Help();
        }
        try {
            return new Reading.Run(parse(new ArrayDeque<>(List.of(args))));
        } catch (IllegalArgumentException wrong) {
            return new Reading.Wrong(String.valueOf(wrong.getMessage()));
        }
    }

    private static DevArguments parse(Deque<String> rest) {
        var manifests = new ArrayList<Path>();
        var forwards = new LinkedHashMap<String, URI>();
        boolean keep = false;
        boolean real = false;
        boolean open = false;
        int port = 0;
        Integer gateway = null;
        while (!rest.isEmpty()) {
            String argument = rest.remove();
            switch (argument) {
                case "--keep" -> keep = true;
                case "--real" -> real = true;
                case "--open" -> open = true;
                case "--port" -> port = port(argument, value(argument, rest));
                case "--gateway" -> gateway = port(argument, value(argument, rest));
                case "--manifests" -> manifests.add(manifests(value(argument, rest)));
                case "--forward" -> forward(value(argument, rest), forwards);
                default ->
                    throw new IllegalArgumentException(
                            "\"" + argument + "\" is no argument of the dev mode; --help lists those there are.");
            }
        }
        if (real && port != 0) {
            throw new IllegalArgumentException("--port is for the embedded API server only; leave it out with --real.");
        }
        if (real && open) {
            throw new IllegalArgumentException(
                    "--open is for the embedded API server only, which serves the console; with --real use kubectl tq console.");
        }
        return new DevArguments(List.copyOf(manifests), Map.copyOf(forwards), keep, port, real, open, gateway);
    }

    private static String value(String argument, Deque<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(argument + " needs a value after it; --help tells which.");
        }
        return rest.remove();
    }

    private static int port(String argument, String text) {
        if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= MAX_PORT) {
            return Integer.parseInt(text);
        }
        throw new IllegalArgumentException(argument + " is \"" + text + "\"; write a number from 0 to 65535.");
    }

    private static Path manifests(String text) {
        Path path = Path.of(text);
        if (!Files.exists(path)) {
            throw new IllegalArgumentException(
                    "--manifests names " + text + ", which does not exist; paths count from the folder Maven runs in.");
        }
        return path;
    }

    private static void forward(String text, Map<String, URI> forwards) {
        int equals = text.indexOf('=');
        String name = text.substring(0, Math.max(0, equals));
        if (!name.matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException("--forward is \"" + text
                    + "\"; write the Service's name, = and a URL, such as order-worker=http://localhost:8080.");
        }
        if (forwards.putIfAbsent(name, target(name, text.substring(equals + 1))) != null) {
            throw new IllegalArgumentException("--forward names " + name + " twice; leave one out.");
        }
    }

    private static URI target(String name, String text) {
        URI url;
        try {
            url = URI.create(text);
        } catch (IllegalArgumentException notOne) {
            throw new IllegalArgumentException(
                    "--forward " + name + " has \"" + text + "\", which is no URL; write http://HOST:PORT.", notOne);
        }
        boolean bare = url.getRawQuery() == null
                && url.getRawUserInfo() == null
                && (url.getRawPath() == null || Set.of("", "/").contains(url.getRawPath()));
        if (!"http".equals(url.getScheme()) || url.getHost() == null || !bare) {
            throw new IllegalArgumentException(
                    "--forward " + name + " has \"" + text
                            + "\"; write http://HOST:PORT without a path: requests go there as they are, with the Task's own path.");
        }
        return url;
    }
}

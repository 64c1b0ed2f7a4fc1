package dev.taskqueue.operator;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a kubeconfig must have. The client ignores a kubeconfig that lacks something, and looks for an API server elsewhere; the operator would wait for
 * that one.
 */
final class KubeconfigRules {
    private KubeconfigRules() {}

    /**
     * Throws {@link NotStartedException} if the kubeconfig cannot be used.
     *
     * @param kubeconfig the value of the variable; null or empty = the account of the Pod
     */
    static void check(@Nullable String kubeconfig) {
        if (kubeconfig == null || kubeconfig.isBlank()) {
            return;
        }
        List<Path> files = Stream.of(kubeconfig.split(File.pathSeparator, -1))
                .filter(name -> !name.isBlank())
                .map(Path::of)
                .filter(Files::isReadable)
                .toList();
        if (files.isEmpty()) {
            throw bad(kubeconfig, "which cannot be read");
        }
        if (files.size() == 1) {
            problem(files.getFirst()).ifPresent(problem -> {
                throw bad(kubeconfig, problem);
            });
        }
    }

    private static NotStartedException bad(String kubeconfig, String problem) {
        return new NotStartedException(
                "KUBECONFIG names " + kubeconfig + ", " + problem + ": correct it, or unset it.");
    }

    /** The problem quotes nothing but names: a kubeconfig has credentials in it. */
    private static Optional<String> problem(Path file) {
        Config config;
        try {
            config = new KubernetesSerialization().unmarshal(Files.readString(file), Config.class);
        } catch (IOException | RuntimeException unreadable) {
            return Optional.of("which is no kubeconfig");
        }
        String current = config == null ? null : config.getCurrentContext();
        if (config == null || current == null || current.isEmpty()) {
            return Optional.of("which has no current-context");
        }
        Optional<NamedContext> context = config.getContexts().stream()
                .filter(one -> current.equals(one.getName()) && one.getContext() != null)
                .findFirst();
        if (context.isEmpty()) {
            return Optional.of("whose current-context \"" + current + "\" does not exist");
        }
        String name = context.get().getContext().getCluster();
        return config.getClusters().stream()
                .filter(one -> one.getName().equals(name))
                .findFirst()
                .<Optional<String>>map(KubeconfigRules::problem)
                .orElse(Optional.of("whose cluster \"" + name + "\" does not exist"));
    }

    private static Optional<String> problem(NamedCluster cluster) {
        String server =
                cluster.getCluster() == null ? null : cluster.getCluster().getServer();
        return isUrl(server)
                ? Optional.empty()
                : Optional.of(
                        "whose cluster \"" + cluster.getName() + "\" has no server of the form https://HOST:PORT");
    }

    private static boolean isUrl(@Nullable String server) {
        try {
            return server != null && URI.create(server).getHost() != null;
        } catch (IllegalArgumentException noUrl) {
            return false;
        }
    }
}

package dev.taskqueue.operator.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.HttpUrl;

/** Keeps the beginnings of URLs: to parse a host costs more than all else of a URL, and few hosts are used at a time. Thread-safe. */
final class OriginCache {
    /** Beyond it all are forgotten. They are made again as they are used. */
    private static final int MAX_ENTRIES = 1_000;

    private final Map<Origin, HttpUrl> urls = new ConcurrentHashMap<>();

    private record Origin(boolean tls, String host, int port) {}

    /** The URL of a target without path and query. */
    HttpUrl of(OutboundRequest.Target target) {
        boolean tls = target.security() instanceof OutboundRequest.Security.Tls;
        if (urls.size() >= MAX_ENTRIES) {
            urls.clear();
        }
        return urls.computeIfAbsent(new Origin(tls, target.serverName(), target.port()), OriginCache::url);
    }

    private static HttpUrl url(Origin origin) {
        return new HttpUrl.Builder()
                .scheme(origin.tls ? "https" : "http")
                .host(origin.host)
                .port(origin.port)
                .build();
    }
}

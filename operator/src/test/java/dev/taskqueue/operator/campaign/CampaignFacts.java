package dev.taskqueue.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.campaign.StoredVersions.Version;
import dev.taskqueue.operator.campaign.WriteLog.Write;
import dev.taskqueue.operator.oracle.Fact;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** Puts together what was seen in etcd, at the proxies, at the workers and of the processes. */
final class CampaignFacts {
    private static final String PEOPLE = "people";
    /** An operator that got no answer. */
    private static final String UNKNOWN = "";

    private final CampaignCluster cluster;

    CampaignFacts(CampaignCluster cluster) {
        this.cluster = cluster;
    }

    /** All facts in the order of their times. */
    List<Supplier<Fact>> inOrder() {
        Instant last = Instant.EPOCH;
        for (Version version : cluster.stored.all()) {
            // Versions keep their order, whatever the threads of the proxies noted first.
            Instant at = at(version);
            last = at.isAfter(last) ? at : last;
            Instant when = created(last, version);
            cluster.facts.add(when, () -> fact(when, version));
        }
        return cluster.facts.inOrder();
    }

    /** A version was stored before its writer got the answer. */
    private Instant at(Version version) {
        Write write = cluster.writes.of(version.revision());
        return write != null && write.at().isBefore(version.at()) ? write.at() : version.at();
    }

    /** A Task that was sent had been created before, even if the watch of etcd was read later. */
    private Instant created(Instant at, Version version) {
        if (version.change() != Fact.Change.Created) {
            return at;
        }
        Instant sent = cluster.deliveries.first(
                cluster.stored.object(version).at("/metadata/uid").asText());
        return sent == null || sent.isAfter(at) ? at : sent.minusNanos(1);
    }

    private Fact fact(Instant at, Version version) {
        JsonNode object = cluster.stored.object(version);
        return new Fact.Stored(
                at, by(version, object), version.change(), object.path("kind").asText(), object);
    }

    /** Whether it is a dead letter, or what follows a TaskBatch. */
    private static boolean isOfOperator(JsonNode object) {
        return object.at("/spec/deadLetterOf").isObject()
                || object.at("/metadata/annotations").has("taskqueue.dev/batch-uid");
    }

    private String by(Version version, JsonNode object) {
        Write write = version.change() == Fact.Change.Deleted
                ? cluster.writes.ofDelete(object.at("/metadata/uid").asText())
                : cluster.writes.of(version.revision());
        if (write != null) {
            return write.by();
        }
        return switch (version.change()) {
            case Created -> isOfOperator(object) ? UNKNOWN : PEOPLE;
            case Changed -> cluster.writes.isUnanswered(version.at(), false, object) ? UNKNOWN : PEOPLE;
            case Deleted -> cluster.writes.isUnanswered(version.at(), true, object) ? UNKNOWN : PEOPLE;
        };
    }
}

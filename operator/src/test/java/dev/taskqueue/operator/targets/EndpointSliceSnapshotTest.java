package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointSliceSnapshotTest {
    @Test
    void theSliceOfAServiceWithoutPodsHasNothing() {
        // The endpointslice-controller writes it like this.
        var slice = new KubernetesSerialization().unmarshal("""
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "w-1"},
                 "addressType": "IPv4", "endpoints": null, "ports": null}""", EndpointSlice.class);
        assertThat(EndpointSliceSnapshot.of(slice)).isEqualTo(new EndpointSliceSnapshot(List.of(), Map.of()));
    }
}

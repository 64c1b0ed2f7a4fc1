package dev.taskqueue.gateway.calls;

import com.google.cloud.location.GetLocationRequest;
import com.google.cloud.location.ListLocationsRequest;
import com.google.cloud.location.ListLocationsResponse;
import com.google.cloud.location.Location;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.LocationName;
import dev.taskqueue.gateway.mapping.ShownText;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The locations of a project, which come from the mapping file. */
public final class LocationCalls {
    private static final Pattern PROJECT = Pattern.compile("projects/([A-Za-z0-9][A-Za-z0-9._:-]{0,99})");

    private final NamespaceResolver resolver;

    public LocationCalls(NamespaceResolver resolver) {
        this.resolver = resolver;
    }

    /** ListLocations; all in one page. */
    public ListLocationsResponse list(CallContext call, ListLocationsRequest request) {
        Matcher name = PROJECT.matcher(request.getName());
        if (!name.matches()) {
            throw RpcFailure.invalidName("Project name must be formatted: \"projects/<PROJECT_ID>\"; name is \""
                    + ShownText.text(request.getName()) + "\".");
        }
        String project = name.group(1);
        List<Location> locations = resolver.rules().locationsOf(project).stream()
                .map(location -> new LocationName(project, location))
                .filter(resolver::isServed)
                .map(LocationCalls::message)
                .toList();
        if (locations.isEmpty()) {
            throw NamespaceResolver.denied(project);
        }
        return ListLocationsResponse.newBuilder().addAllLocations(locations).build();
    }

    /** GetLocation. */
    public Location get(CallContext call, GetLocationRequest request) {
        LocationName name = LocationName.parse(request.getName(), "name");
        if (!resolver.isServed(name)) {
            throw NamespaceResolver.denied(name.project());
        }
        return message(name);
    }

    private static Location message(LocationName name) {
        return Location.newBuilder()
                .setName(name.toString())
                .setLocationId(name.location())
                .putLabels("cloud.googleapis.com/region", name.location())
                .build();
    }
}

/**
 * The chart's dashboards under load: a real Prometheus fetches the metrics of real operators, each panel's queries are asked, and the panels are
 * drawn. By hand only: {@code mvn -Pdashboards verify}.
 */
@NullMarked
package dev.taskqueue.operator.dashboards;

import org.jspecify.annotations.NullMarked;

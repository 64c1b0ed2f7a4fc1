package dev.taskqueue.operator.dashboards;

import dev.taskqueue.operator.dashboards.Dashboard.Panel;
import dev.taskqueue.operator.dashboards.PrometheusServer.Series;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws a dashboard as SVG, from the answers to its queries. It is no picture of Grafana, and shows what Grafana would show. */
final class DashboardDrawing {
    static final int WIDTH = 1200;
    private static final int GAP = 12;
    private static final int TITLE = 44;
    private static final int HEIGHT = 250;

    private final Dashboard dashboard;
    private final Map<Panel, List<List<Series>>> data;

    /** @param data the answers to the queries of each panel, in their order */
    DashboardDrawing(Dashboard dashboard, Map<Panel, List<List<Series>>> data) {
        this.dashboard = dashboard;
        this.data = data;
    }

    String svg() {
        var body = new StringBuilder();
        int x = 0;
        int y = TITLE;
        for (var panel : data.entrySet()) {
            int width = panel.getKey().width() == 24 ? WIDTH : (WIDTH - GAP) / 2;
            if (x + width > WIDTH) {
                x = 0;
                y += HEIGHT + GAP;
            }
            body.append(String.format(Locale.ROOT, "<g transform=\"translate(%d %d)\">%n", x, y))
                    .append(new PanelDrawing(panel.getKey(), panel.getValue(), width, HEIGHT).svg())
                    .append("</g>\n");
            x += width + GAP;
        }
        int height = y + HEIGHT + GAP;
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="-12 0 %d %d" font-family="sans-serif" font-size="12">
                <rect x="-12" width="%d" height="%d" fill="#f4f5f5"/>
                <text x="0" y="28" font-size="20" fill="#1f2328">%s</text>
                %s</svg>
                """.formatted(
                        WIDTH + 24,
                        height,
                        WIDTH + 24,
                        height,
                        WIDTH + 24,
                        height,
                        PanelDrawing.escaped(dashboard.title()),
                        body);
    }
}

package dev.taskqueue.gateway.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.rpc.Code;
import dev.taskqueue.gateway.auth.TokenExchange;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import io.grpc.servlet.jakarta.ServletAdapter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one entrance of the port: gRPC, the exchange of tokens, or REST. */
final class FrontServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String TOKEN = "/v1/token";

    private final transient ServletAdapter grpc;
    private final transient RestHandler rest;
    private final transient TokenExchange exchange;
    private final transient RequestBodies bodies;
    private final boolean programsOnly;

    /** @param programsOnly whether web pages are refused; needed where there is no authentication */
    FrontServlet(
            ServletAdapter grpc, RestHandler rest, TokenExchange exchange, RequestBodies bodies, boolean programsOnly) {
        this.grpc = grpc;
        this.rest = rest;
        this.exchange = exchange;
        this.bodies = bodies;
        this.programsOnly = programsOnly;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (programsOnly && BrowserRules.mayBePage(request)) {
            RpcFailure refusal = RpcFailure.of(Code.PERMISSION_DENIED, BrowserRules.REFUSAL);
            RestHandler.write(response, RestErrors.status(refusal.code()), RestErrors.body(refusal));
        } else if (ServletAdapter.isGrpc(request)) {
            if (request.getMethod().equals("POST")) {
                grpc.doPost(request, response);
            } else {
                response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            }
        } else if (request.getRequestURI().equals(TOKEN)) {
            token(request, response);
        } else {
            rest.handle(request, response);
        }
    }

    private void token(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Pragma", "no-cache");
        ObjectNode answer = null;
        if (request.getMethod().equals("POST")) {
            try {
                answer = exchange.answer(form(request)).orElse(null);
            } catch (RpcFailure unreadable) {
                // The answer below says it.
            }
        }
        if (answer == null) {
            RestHandler.write(
                    response, 400, ObjectJson.write(ObjectJson.object().put("error", "invalid_request")));
        } else {
            RestHandler.write(response, 200, ObjectJson.write(answer));
        }
    }

    /** A parameter that stands twice is no valid request; the second would make it unequal to what it must be. */
    private Map<String, String> form(HttpServletRequest request) {
        var form = new LinkedHashMap<String, String>();
        FormReader.parse(bodies.text(request)).forEach((name, values) -> form.put(name, String.join(" ", values)));
        return form;
    }

    @Override
    public void destroy() {
        grpc.destroy();
    }
}

package app.http;

import app.drafts.DraftStore;
import app.drafts.PurgeHandler;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Maps method and path to handlers. Every request passes the {@link AuthFilter} first. */
public final class Router {

    private final AuthFilter filter;
    private final Map<String, Function<Request, Response>> routes = new HashMap<>();

    public Router(AuthFilter filter, DraftStore drafts, Clock clock) {
        this.filter = filter;
        add("GET", "/health", request -> Response.ok("up"));
        add("GET", "/drafts/count", request -> Response.ok(Integer.toString(drafts.count())));
        add("GET", "/admin/time", request -> Response.ok(clock.instant().toString()));
        add("POST", "/maintenance/purge-drafts", new PurgeHandler(drafts, clock)::handle);
    }

    private void add(String method, String path, Function<Request, Response> handler) {
        routes.put(method + " " + path, handler);
    }

    public Response handle(Request request) {
        Optional<Response> refused = filter.check(request);
        if (refused.isPresent()) {
            return refused.get();
        }
        Function<Request, Response> handler = routes.get(request.method() + " " + request.path());
        return handler == null ? new Response(404, "no such page") : handler.apply(request);
    }
}

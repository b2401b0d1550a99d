package app.http;

import java.util.List;
import java.util.Optional;

/**
 * Asks for a valid session before a request reaches its handler. Only paths
 * below the listed prefixes are checked; all others are public.
 */
public final class AuthFilter {

    private static final List<String> PROTECTED = List.of("/drafts/", "/account/", "/admin/");

    private final Sessions sessions;

    public AuthFilter(Sessions sessions) {
        this.sessions = sessions;
    }

    /** The response to send instead of calling the handler, if access is refused. */
    public Optional<Response> check(Request request) {
        if (PROTECTED.stream().noneMatch(request.path()::startsWith)) {
            return Optional.empty();
        }
        Optional<String> role = request.header("x-session").flatMap(sessions::roleOf);
        if (role.isEmpty()) {
            return Optional.of(new Response(401, "login needed"));
        }
        if (request.path().startsWith("/admin/") && !role.get().equals("admin")) {
            return Optional.of(new Response(403, "admins only"));
        }
        return Optional.empty();
    }

    /** Looks up the role that belongs to a session. */
    public interface Sessions {
        Optional<String> roleOf(String sessionId);
    }
}

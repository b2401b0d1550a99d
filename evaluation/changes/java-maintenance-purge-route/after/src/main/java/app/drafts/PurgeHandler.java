package app.drafts;

import app.http.Request;
import app.http.Response;
import java.time.Clock;
import java.time.Duration;

/** Deletes drafts that nobody has touched for a while. Called by the nightly job. */
public final class PurgeHandler {

    private static final int DEFAULT_DAYS = 90;
    private static final int MIN_DAYS = 7;
    private static final int MAX_DAYS = 3650;

    private final DraftStore drafts;
    private final Clock clock;

    public PurgeHandler(DraftStore drafts, Clock clock) {
        this.drafts = drafts;
        this.clock = clock;
    }

    /** Takes the age in days as the parameter {@code days}. */
    public Response handle(Request request) {
        int days;
        try {
            days = request.param("days").map(Integer::parseInt).orElse(DEFAULT_DAYS);
        } catch (NumberFormatException e) {
            return Response.badRequest("days: not a number");
        }
        if (days < MIN_DAYS || days > MAX_DAYS) {
            return Response.badRequest("days: from " + MIN_DAYS + " to " + MAX_DAYS);
        }
        int removed = drafts.purgeBefore(clock.instant().minus(Duration.ofDays(days)));
        return Response.ok("removed " + removed);
    }
}

package app.drafts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import app.http.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PurgeHandlerTest {

    private static final Instant NOW = Instant.parse("2031-03-01T02:00:00Z");

    private final DraftStore drafts = new DraftStore();
    private final PurgeHandler handler = new PurgeHandler(drafts, Clock.fixed(NOW, ZoneOffset.UTC));

    private static Request post(Map<String, String> query) {
        return new Request("POST", "/maintenance/purge-drafts", Map.of(), query);
    }

    @Test
    void removesOnlyOldDrafts() {
        drafts.touch("old", NOW.minus(Duration.ofDays(91)));
        drafts.touch("edge", NOW.minus(Duration.ofDays(90)));
        drafts.touch("new", NOW);

        assertEquals("removed 1", handler.handle(post(Map.of())).body());
        assertEquals(2, drafts.count());
    }

    @Test
    void refusesAgesOutOfRange() {
        assertEquals(400, handler.handle(post(Map.of("days", "1"))).status());
        assertEquals(400, handler.handle(post(Map.of("days", "many"))).status());
    }
}

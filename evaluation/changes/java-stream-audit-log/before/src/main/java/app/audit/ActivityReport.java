package app.audit;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Counts actions per user for the weekly mail. */
public final class ActivityReport {

    private static final Duration PERIOD = Duration.ofDays(7);

    private final AuditLog log;

    public ActivityReport(AuditLog log) {
        this.log = log;
    }

    public Map<String, Long> actionsByUser(Instant now) throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        for (AuditEntry entry : log.entriesSince(now.minus(PERIOD))) {
            counts.merge(entry.user(), 1L, Long::sum);
        }
        return counts;
    }
}

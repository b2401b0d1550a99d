package app.audit;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts actions per user for the weekly mail. */
public final class ActivityReport {

    private static final Duration PERIOD = Duration.ofDays(7);

    private final AuditLog log;

    public ActivityReport(AuditLog log) {
        this.log = log;
    }

    public Map<String, Long> actionsByUser(Instant now) throws IOException {
        try (Stream<AuditEntry> entries = log.entriesSince(now.minus(PERIOD))) {
            return entries.collect(Collectors.groupingBy(
                    AuditEntry::user, TreeMap::new, Collectors.counting()));
        }
    }
}

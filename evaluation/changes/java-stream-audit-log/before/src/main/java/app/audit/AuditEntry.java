package app.audit;

import java.time.Instant;

/** One line of the audit log: time, user and action, separated by tabs. */
public record AuditEntry(Instant at, String user, String action) {

    static AuditEntry parse(String line) {
        String[] parts = line.split("\t", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("malformed audit line: " + line);
        }
        return new AuditEntry(Instant.parse(parts[0]), parts[1], parts[2]);
    }
}

package app.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Append-only log of what users did. */
public final class AuditLog {

    private final Path file;

    public AuditLog(Path file) {
        this.file = file;
    }

    public synchronized void append(AuditEntry entry) throws IOException {
        String line = entry.at() + "\t" + entry.user() + "\t" + entry.action() + "\n";
        Files.writeString(file, line, StandardCharsets.UTF_8,
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The entries from {@code since} on, oldest first. */
    public List<AuditEntry> entriesSince(Instant since) throws IOException {
        List<AuditEntry> entries = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.isBlank()) {
                continue;
            }
            AuditEntry entry = AuditEntry.parse(line);
            if (!entry.at().isBefore(since)) {
                entries.add(entry);
            }
        }
        return entries;
    }
}

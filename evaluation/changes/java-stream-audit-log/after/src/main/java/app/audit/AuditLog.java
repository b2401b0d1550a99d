package app.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.stream.Stream;

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
    public Stream<AuditEntry> entriesSince(Instant since) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines
                    .filter(line -> !line.isBlank())
                    .map(AuditEntry::parse)
                    .filter(entry -> !entry.at().isBefore(since));
        }
    }
}

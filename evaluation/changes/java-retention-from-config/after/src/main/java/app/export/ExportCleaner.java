package app.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

/** Deletes finished exports after a while. */
public final class ExportCleaner {

    private static final int DAY_MILLIS = 24 * 60 * 60 * 1000;

    private final Path directory;
    private final int retentionDays;
    private final Clock clock;

    public ExportCleaner(Path directory, int retentionDays, Clock clock) {
        if (retentionDays < 1) {
            throw new IllegalArgumentException("retention must be at least a day: " + retentionDays);
        }
        this.directory = directory;
        this.retentionDays = retentionDays;
        this.clock = clock;
    }

    /** Returns the number of deleted files. */
    public int clean() throws IOException {
        long limit = clock.millis() - retentionDays * DAY_MILLIS;
        int deleted = 0;
        for (Path file : exports()) {
            if (Files.getLastModifiedTime(file).toMillis() < limit && Files.deleteIfExists(file)) {
                deleted++;
            }
        }
        return deleted;
    }

    private List<Path> exports() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".csv")).toList();
        }
    }
}

package app.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

/** Deletes finished exports after a while. */
public final class ExportCleaner {

    private static final long RETENTION_MILLIS = 7L * 24 * 60 * 60 * 1000;

    private final Path directory;
    private final Clock clock;

    public ExportCleaner(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** Returns the number of deleted files. */
    public int clean() throws IOException {
        long limit = clock.millis() - RETENTION_MILLIS;
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

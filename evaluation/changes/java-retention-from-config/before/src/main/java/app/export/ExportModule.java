package app.export;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Properties;

/** Wires the export service from the application's properties. */
public final class ExportModule {

    private final Properties properties;

    public ExportModule(Properties properties) {
        this.properties = properties;
    }

    public ExportCleaner cleaner() {
        return new ExportCleaner(directory(), Clock.systemUTC());
    }

    private Path directory() {
        return Path.of(properties.getProperty("export.directory", "var/exports"));
    }
}

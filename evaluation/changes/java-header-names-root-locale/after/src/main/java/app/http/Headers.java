package app.http;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Header fields of one message; names are compared without regard to case. */
public final class Headers {

    private final Map<String, String> fields = new LinkedHashMap<>();

    /** Sets a field and replaces the one there was. */
    public Headers set(String name, String value) {
        fields.put(key(name), value.strip());
        return this;
    }

    /** Adds to a field, separated by a comma. */
    public Headers add(String name, String value) {
        fields.merge(key(name), value.strip(), (old, more) -> old + ", " + more);
        return this;
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(fields.get(key(name)));
    }

    public boolean isEmpty() {
        return fields.isEmpty();
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}

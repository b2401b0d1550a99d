package app.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Header fields of one message; names are compared without regard to case. */
public final class Headers {

    private final Map<String, String> fields = new LinkedHashMap<>();

    /** Sets a field and replaces the one there was. */
    public Headers set(String name, String value) {
        fields.put(name.toLowerCase(), value.strip());
        return this;
    }

    /** Adds to a field, separated by a comma. */
    public Headers add(String name, String value) {
        fields.merge(name.toLowerCase(), value.strip(), (old, more) -> old + ", " + more);
        return this;
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(fields.get(name.toLowerCase()));
    }

    public boolean isEmpty() {
        return fields.isEmpty();
    }
}

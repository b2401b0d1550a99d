package app.drafts;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Drafts by id with the time of their last edit. */
public final class DraftStore {

    private final Map<String, Instant> edited = new ConcurrentHashMap<>();

    public void touch(String id, Instant at) {
        edited.put(id, at);
    }

    public int count() {
        return edited.size();
    }
}

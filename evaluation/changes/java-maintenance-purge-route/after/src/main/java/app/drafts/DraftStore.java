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

    /** Removes the drafts last edited before {@code limit} and says how many those were. */
    public int purgeBefore(Instant limit) {
        int removed = 0;
        for (Map.Entry<String, Instant> entry : edited.entrySet()) {
            // Only if nobody edited it in between.
            if (entry.getValue().isBefore(limit) && edited.remove(entry.getKey(), entry.getValue())) {
                removed++;
            }
        }
        return removed;
    }
}

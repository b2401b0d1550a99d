package app.mail;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token bucket per account: a full bucket allows {@code capacity} mails at once, and one more becomes possible
 * every {@code interval}.
 */
public final class RateLimiter {

    private static final class Bucket {
        private int tokens;
        private long refilledAt;
    }

    private final int capacity;
    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new HashMap<>();
    private long sweptAt;

    public RateLimiter(int capacity, Duration interval) {
        this(capacity, interval, System::nanoTime);
    }

    RateLimiter(int capacity, Duration interval, LongSupplier nanoTime) {
        if (capacity < 1 || interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("capacity and interval must be positive");
        }
        this.capacity = capacity;
        this.intervalNanos = interval.toNanos();
        this.nanoTime = nanoTime;
        this.sweptAt = nanoTime.getAsLong();
    }

    /** Takes a token if there is one. */
    public synchronized boolean tryAcquire(String account) {
        long now = nanoTime.getAsLong();
        if (now - sweptAt >= intervalNanos) {
            // Full buckets hold no information, so only accounts that sent lately take memory.
            buckets.values().removeIf(bucket -> refill(bucket, now) == capacity);
            sweptAt = now;
        }
        Bucket bucket = buckets.computeIfAbsent(account, key -> full(now));
        if (refill(bucket, now) == 0) {
            return false;
        }
        bucket.tokens--;
        return true;
    }

    private Bucket full(long now) {
        Bucket bucket = new Bucket();
        bucket.tokens = capacity;
        bucket.refilledAt = now;
        return bucket;
    }

    /** Adds the tokens of the whole intervals gone by; what is left of an interval counts next time. */
    private int refill(Bucket bucket, long now) {
        long intervals = (now - bucket.refilledAt) / intervalNanos;
        if (intervals >= capacity - bucket.tokens) {
            bucket.tokens = capacity;
            bucket.refilledAt = now;
        } else if (intervals > 0) {
            bucket.tokens += (int) intervals;
            bucket.refilledAt += intervals * intervalNanos;
        }
        return bucket.tokens;
    }
}

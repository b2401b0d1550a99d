package app.mail;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    private long now = 5_000;
    private final RateLimiter limiter = new RateLimiter(2, Duration.ofSeconds(10), () -> now);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void allowsABurstUpToTheCapacity() {
        assertTrue(limiter.tryAcquire("a"));
        assertTrue(limiter.tryAcquire("a"));
        assertFalse(limiter.tryAcquire("a"));
    }

    @Test
    void accountsDoNotShareTokens() {
        limiter.tryAcquire("a");
        limiter.tryAcquire("a");

        assertTrue(limiter.tryAcquire("b"));
    }

    @Test
    void oneMorePerInterval() {
        limiter.tryAcquire("a");
        limiter.tryAcquire("a");

        pass(Duration.ofSeconds(9));
        assertFalse(limiter.tryAcquire("a"));
        pass(Duration.ofSeconds(1));
        assertTrue(limiter.tryAcquire("a"));
        assertFalse(limiter.tryAcquire("a"));
    }

    @Test
    void neverMoreThanTheCapacity() {
        limiter.tryAcquire("a");
        pass(Duration.ofHours(3));

        assertTrue(limiter.tryAcquire("a"));
        assertTrue(limiter.tryAcquire("a"));
        assertFalse(limiter.tryAcquire("a"));
    }
}

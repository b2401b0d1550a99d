package app.mail;

import java.util.Objects;

/** Accepts mails and hands them to the transport. */
public final class MailService {

    /** Delivers one mail, blocking. */
    public interface Transport {
        void send(String to, String text);
    }

    private final Transport transport;
    private final RateLimiter limiter;

    public MailService(Transport transport, RateLimiter limiter) {
        this.transport = Objects.requireNonNull(transport);
        this.limiter = Objects.requireNonNull(limiter);
    }

    /**
     * Sends one mail.
     *
     * @throws RateLimitedException if the account has sent too many lately
     */
    public void send(String account, String to, String text) {
        if (to.isBlank()) {
            throw new IllegalArgumentException("no recipient");
        }
        if (!limiter.tryAcquire(account)) {
            throw new RateLimitedException(account);
        }
        transport.send(to, text);
    }
}

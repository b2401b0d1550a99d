package app.mail;

import java.time.Duration;
import java.util.Objects;

/** Puts the mail service together, once per process. */
public final class MailModule {

    private static final int BURST = 50;
    private static final Duration ONE_MORE_EVERY = Duration.ofSeconds(30);

    private final MailService.Transport transport;

    public MailModule(MailService.Transport transport) {
        this.transport = Objects.requireNonNull(transport);
    }

    public MailService service() {
        return new MailService(transport, new RateLimiter(BURST, ONE_MORE_EVERY));
    }
}

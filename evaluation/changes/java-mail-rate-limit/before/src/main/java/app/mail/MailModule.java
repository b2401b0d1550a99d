package app.mail;

import java.util.Objects;

/** Puts the mail service together, once per process. */
public final class MailModule {

    private final MailService.Transport transport;

    public MailModule(MailService.Transport transport) {
        this.transport = Objects.requireNonNull(transport);
    }

    public MailService service() {
        return new MailService(transport);
    }
}

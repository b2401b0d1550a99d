package app.mail;

import java.util.Objects;

/** Accepts mails and hands them to the transport. */
public final class MailService {

    /** Delivers one mail, blocking. */
    public interface Transport {
        void send(String to, String text);
    }

    private final Transport transport;

    public MailService(Transport transport) {
        this.transport = Objects.requireNonNull(transport);
    }

    public void send(String account, String to, String text) {
        if (to.isBlank()) {
            throw new IllegalArgumentException("no recipient");
        }
        transport.send(to, text);
    }
}

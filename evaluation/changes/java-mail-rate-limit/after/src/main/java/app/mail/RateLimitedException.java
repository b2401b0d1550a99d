package app.mail;

/** The account has to wait before it may send again. */
public class RateLimitedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RateLimitedException(String account) {
        super("too many mails from account " + account);
    }
}

package app.pay;

import java.util.Optional;

/** Asks the gateway again when it does not answer in time. Other failures are final. */
public final class RetryingGateway implements PaymentGateway {

    private final PaymentGateway inner;
    private final int attempts;

    public RetryingGateway(PaymentGateway inner, int attempts) {
        if (attempts < 1) {
            throw new IllegalArgumentException("at least one attempt is needed: " + attempts);
        }
        this.inner = inner;
        this.attempts = attempts;
    }

    @Override
    public String charge(ChargeRequest request) throws GatewayException {
        return retry(() -> inner.charge(request));
    }

    @Override
    public Optional<String> find(String reference) throws GatewayException {
        return retry(() -> inner.find(reference));
    }

    private <T> T retry(Call<T> call) throws GatewayException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.run();
            } catch (GatewayTimeoutException e) {
                if (attempt == attempts) {
                    throw e;
                }
            }
        }
    }

    private interface Call<T> {
        T run() throws GatewayException;
    }
}

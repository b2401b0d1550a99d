package app.checkout;

import app.pay.PaymentGateway;
import app.pay.RetryingGateway;

/** Puts the checkout together. */
public final class CheckoutModule {

    private static final int GATEWAY_ATTEMPTS = 3;

    private final PaymentGateway gateway;

    public CheckoutModule(PaymentGateway gateway) {
        this.gateway = gateway;
    }

    public CheckoutService service() {
        return new CheckoutService(new RetryingGateway(gateway, GATEWAY_ATTEMPTS));
    }
}

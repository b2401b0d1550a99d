package app.checkout;

import app.pay.PaymentGateway;

/** Puts the checkout together. */
public final class CheckoutModule {

    private final PaymentGateway gateway;

    public CheckoutModule(PaymentGateway gateway) {
        this.gateway = gateway;
    }

    public CheckoutService service() {
        return new CheckoutService(gateway);
    }
}

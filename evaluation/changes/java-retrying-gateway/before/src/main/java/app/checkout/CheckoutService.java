package app.checkout;

import app.pay.ChargeRequest;
import app.pay.GatewayException;
import app.pay.PaymentGateway;

/** Pays orders. */
public final class CheckoutService {

    private final PaymentGateway gateway;

    CheckoutService(PaymentGateway gateway) {
        this.gateway = gateway;
    }

    /** True if the order is paid; false leaves it open for another try by the customer. */
    public boolean pay(String order, String account, long amountMinor) {
        try {
            if (gateway.find(order).isPresent()) {
                return true;
            }
            gateway.charge(new ChargeRequest(order, account, amountMinor, "EUR"));
            return true;
        } catch (GatewayException e) {
            return false;
        }
    }
}

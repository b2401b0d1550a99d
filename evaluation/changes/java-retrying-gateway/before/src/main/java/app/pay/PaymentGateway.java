package app.pay;

import java.util.Optional;

/** The provider that moves the money. */
public interface PaymentGateway {

    /**
     * Takes the amount from the customer's account.
     *
     * <p>Every call that reaches the provider is a payment of its own, also for the same reference. After a
     * {@link GatewayTimeoutException} it is open whether the provider has booked it; {@link #find} tells.
     *
     * @return the provider's number of the payment
     */
    String charge(ChargeRequest request) throws GatewayException;

    /** The provider's number of the payment for a reference, if there is one. */
    Optional<String> find(String reference) throws GatewayException;
}

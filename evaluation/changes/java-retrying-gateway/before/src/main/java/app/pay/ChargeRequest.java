package app.pay;

/** Amount in the smallest unit of the currency. The reference is our order number. */
public record ChargeRequest(String reference, String account, long amountMinor, String currency) {

    public ChargeRequest {
        if (amountMinor <= 0) {
            throw new IllegalArgumentException("amount must be positive: " + amountMinor);
        }
    }
}

package app.billing;

import java.math.BigDecimal;

/** One line of an order. The discount is a fraction, 0.15 for 15 percent. */
public record InvoiceLine(String article, int quantity, BigDecimal unitPrice, BigDecimal discount) {
}

package app.billing;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Renders the body of an invoice as fixed-width text. */
public final class InvoicePrinter {

    private static final int ARTICLE_WIDTH = 40;

    /** One printed line per order line that costs something, then the total. */
    public List<String> print(List<InvoiceLine> lines) {
        List<String> out = new ArrayList<>();
        BigDecimal total = BigDecimal.ZERO;
        for (InvoiceLine line : lines) {
            BigDecimal amount = line.unitPrice()
                    .multiply(BigDecimal.valueOf(line.quantity()))
                    .multiply(BigDecimal.ONE.subtract(line.discount()))
                    .setScale(2, RoundingMode.HALF_EVEN);
            if (amount.equals(BigDecimal.ZERO)) {
                continue;
            }
            total = total.add(amount);
            out.add(row(line.quantity() + " x " + line.article(), amount));
        }
        out.add(row("Total", total.setScale(2, RoundingMode.HALF_EVEN)));
        return out;
    }

    private static String row(String label, BigDecimal amount) {
        String cut = label.length() > ARTICLE_WIDTH ? label.substring(0, ARTICLE_WIDTH) : label;
        return String.format(Locale.ROOT, "%-" + ARTICLE_WIDTH + "s %12s", cut, amount.toPlainString());
    }
}

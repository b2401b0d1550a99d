package app.catalog;

import java.util.Map;
import java.util.OptionalLong;

/** Immutable prices in cents by article number. */
public final class PriceList {

    private final Map<String, Long> cents;

    public PriceList(Map<String, Long> cents) {
        this.cents = Map.copyOf(cents);
    }

    public OptionalLong priceOf(String article) {
        Long price = cents.get(article);
        return price == null ? OptionalLong.empty() : OptionalLong.of(price);
    }
}

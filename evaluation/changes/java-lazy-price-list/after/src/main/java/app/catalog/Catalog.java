package app.catalog;

import java.util.OptionalLong;
import java.util.function.Supplier;

/** Prices for the shop pages, loaded when the first page needs them. */
public final class Catalog {

    private final Supplier<PriceList> loader;
    private volatile PriceList prices;

    public Catalog(Supplier<PriceList> loader) {
        this.loader = loader;
    }

    public OptionalLong priceOf(String article) {
        return prices().priceOf(article);
    }

    /** Makes the next page load the prices again. */
    public synchronized void invalidate() {
        prices = null;
    }

    private PriceList prices() {
        PriceList loaded = prices;
        if (loaded == null) {
            synchronized (this) {
                loaded = prices;
                if (loaded == null) {
                    loaded = loader.get();
                    prices = loaded;
                }
            }
        }
        return loaded;
    }
}

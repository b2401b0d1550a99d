# frozen_string_literal: true

require "bigdecimal"

module Pricing
  # The prices a customer group pays. The shop makes one of these at boot and
  # shares it between its threads.
  class PriceList
    Entry = Struct.new(:sku, :amount, :currency, keyword_init: true)

    def initialize(products:, discounts:, rates:)
      @products = products
      @discounts = discounts
      @rates = rates
    end

    # Entries for all products on sale, ordered by SKU.
    def entries(group, currency)
      rate = @rates.fetch(currency)
      @products.on_sale.sort_by(&:sku).map do |product|
        net = product.price - discount(product, group)
        Entry.new(sku: product.sku, amount: (net * rate).round(2), currency: currency)
      end
    end

    def entry(sku, group, currency)
      entries(group, currency).find { |e| e.sku == sku }
    end

    private

    def discount(product, group)
      percent = @discounts.percent(group.id, product.category) || BigDecimal("0")
      product.price * percent / 100
    end
  end
end

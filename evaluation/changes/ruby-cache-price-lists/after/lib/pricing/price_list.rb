# frozen_string_literal: true

require "bigdecimal"
require_relative "memory_cache"

module Pricing
  # The prices a customer group pays. The shop makes one of these at boot and
  # shares it between its threads.
  class PriceList
    Entry = Struct.new(:sku, :amount, :currency, keyword_init: true)
    TTL = 600

    def initialize(products:, discounts:, rates:, cache: MemoryCache.new)
      @products = products
      @discounts = discounts
      @rates = rates
      @cache = cache
    end

    # Entries for all products on sale, ordered by SKU; up to TTL seconds old.
    def entries(group, currency)
      @cache.fetch("price-list/#{group.id}", ttl: TTL) { build(group, currency) }
    end

    def entry(sku, group, currency)
      entries(group, currency).find { |e| e.sku == sku }
    end

    # Call after discounts or prices have been edited.
    def expire
      @cache.clear
    end

    private

    def build(group, currency)
      rate = @rates.fetch(currency)
      @products.on_sale.sort_by(&:sku).map do |product|
        net = product.price - discount(product, group)
        Entry.new(sku: product.sku, amount: (net * rate).round(2), currency: currency).freeze
      end.freeze
    end

    def discount(product, group)
      percent = @discounts.percent(group.id, product.category) || BigDecimal("0")
      product.price * percent / 100
    end
  end
end

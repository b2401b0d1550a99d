# frozen_string_literal: true

require "test_helper"

class ProductImportTest < ActiveSupport::TestCase
  setup do
    @supplier = suppliers(:timber)
    @supplier.products.create!(sku: "T-1", title: "Old board", price: 4, unit: "pc")
  end

  test "known products are updated, others created" do
    list = "sku;title;price;unit\nT-1;Board;4,50;pc\nT-2;Beam;12,00;m\n"
    result = ProductImport.new(@supplier).call(StringIO.new(list))

    assert_equal 1, result.created
    assert_equal 1, result.updated
    assert_empty result.errors
    assert_equal ["Board", BigDecimal("4.5")], @supplier.products.find_by!(sku: "T-1").then { |p| [p.title, p.price] }
  end
end

# frozen_string_literal: true

require "date"
require "minitest/autorun"
require_relative "../lib/reports/refund_report"
require_relative "../lib/reports/sales_report"

class ReportsTest < Minitest::Test
  Line = Struct.new(:sku, :title, :pieces, :cents)
  Refund = Struct.new(:date, :order, :reason, :cents, :approved) do
    alias_method :approved?, :approved
  end

  class Sales
    def by_product(_month)
      [Line.new("A-1", "Lamp; small", 3, 8997)]
    end
  end

  class Refunds
    def in_month(_month)
      [Refund.new(Date.new(2026, 3, 9), "10017", "broken", 2999, true),
       Refund.new(Date.new(2026, 3, 10), "10020", "late", 500, false)]
    end
  end

  def test_sales
    expected = "\uFEFFSKU;Title;Pieces;Revenue\r\nA-1;\"Lamp; small\";3;89,97\r\n"
    assert_equal expected, Reports::SalesReport.new(Sales.new).to_csv("2026-03")
  end

  def test_refunds_need_an_approval
    expected = "\uFEFFDate;Order;Reason;Amount\r\n09.03.2026;10017;broken;29,99\r\n"
    assert_equal expected, Reports::RefundReport.new(Refunds.new).to_csv("2026-03")
  end
end

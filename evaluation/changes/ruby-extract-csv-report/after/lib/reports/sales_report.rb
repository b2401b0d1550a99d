# frozen_string_literal: true

require_relative "csv_report"

module Reports
  # Sales per product and month.
  class SalesReport
    include CsvReport

    HEADERS = ["SKU", "Title", "Pieces", "Revenue"].freeze

    def initialize(sales)
      @sales = sales
    end

    def file_name(month)
      "sales-#{month}.csv"
    end

    private

    def each_row(month)
      @sales.by_product(month).each do |line|
        yield [line.sku, line.title, line.pieces, euros(line.cents)]
      end
    end
  end
end

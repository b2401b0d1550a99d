# frozen_string_literal: true

require "csv"

module Reports
  # Sales per product and month.
  class SalesReport
    HEADERS = ["SKU", "Title", "Pieces", "Revenue"].freeze

    def initialize(sales)
      @sales = sales
    end

    def file_name(month)
      "sales-#{month}.csv"
    end

    def to_csv(month)
      text = CSV.generate(col_sep: ";", row_sep: "\r\n") do |csv|
        csv << HEADERS
        @sales.by_product(month).each do |line|
          csv << [line.sku, line.title, line.pieces, euros(line.cents)]
        end
      end
      "\uFEFF#{text}"
    end

    private

    def euros(cents)
      format("%.2f", cents / 100r).tr(".", ",")
    end
  end
end

# frozen_string_literal: true

require "csv"

module Reports
  # What the CSV reports have in common. A report that includes this has
  # HEADERS, and yields its rows from each_row.
  module CsvReport
    OPTIONS = { col_sep: ";", row_sep: "\r\n" }.freeze
    # without it the spreadsheet program takes the file for Latin-1
    BYTE_ORDER_MARK = "\uFEFF"

    def to_csv(month)
      text = CSV.generate(**OPTIONS) do |csv|
        csv << self.class::HEADERS
        each_row(month) { |row| csv << row }
      end
      BYTE_ORDER_MARK + text
    end

    private

    def euros(cents)
      format("%.2f", cents / 100r).tr(".", ",")
    end
  end
end

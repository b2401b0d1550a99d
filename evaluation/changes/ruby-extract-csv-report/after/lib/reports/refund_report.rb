# frozen_string_literal: true

require_relative "csv_report"

module Reports
  # Refunds of a month, one line each. Those still waiting for approval are
  # left out.
  class RefundReport
    include CsvReport

    HEADERS = ["Date", "Order", "Reason", "Amount"].freeze

    def initialize(refunds)
      @refunds = refunds
    end

    def file_name(month)
      "refunds-#{month}.csv"
    end

    private

    def each_row(month)
      @refunds.in_month(month).select(&:approved?).each do |refund|
        yield [refund.date.strftime("%d.%m.%Y"), refund.order, refund.reason, euros(refund.cents)]
      end
    end
  end
end

# frozen_string_literal: true

require "csv"

module Reports
  # Refunds of a month, one line each.
  class RefundReport
    HEADERS = ["Date", "Order", "Reason", "Amount"].freeze

    def initialize(refunds)
      @refunds = refunds
    end

    def file_name(month)
      "refunds-#{month}.csv"
    end

    # Refunds still waiting for approval are left out.
    def to_csv(month)
      text = CSV.generate(col_sep: ";", row_sep: "\r\n") do |csv|
        csv << HEADERS
        @refunds.in_month(month).select(&:approved?).each do |refund|
          csv << [refund.date.strftime("%d.%m.%Y"), refund.order, refund.reason, euros(refund.cents)]
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

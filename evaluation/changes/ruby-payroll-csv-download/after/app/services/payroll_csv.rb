# frozen_string_literal: true

require "csv"

# A payroll in the form the accountant's program reads.
class PayrollCsv
  HEADERS = %w[number name hours gross].freeze

  def initialize(payroll)
    @payroll = payroll
  end

  def to_s
    CSV.generate(col_sep: ";") do |csv|
      csv << HEADERS
      lines.each { |line| csv << row(line) }
    end
  end

  private

  def lines
    @payroll.lines.includes(:employee).order("employees.name").references(:employee)
  end

  def row(line)
    [line.employee.number, line.employee.name, line.hours, format("%.2f", line.gross_cents / 100r)]
  end
end

# frozen_string_literal: true

require "test_helper"

class PayrollExportTest < ActionDispatch::IntegrationTest
  setup { @payroll = payrolls(:march) }

  test "one line per employee, by name" do
    log_in employees(:accountant)
    get export_admin_payroll_path(@payroll)

    assert_response :success
    assert_equal "text/csv; charset=utf-8", response.headers["Content-Type"]
    names = CSV.parse(response.body, col_sep: ";", headers: true).map { |row| row["name"] }
    assert_equal names.sort, names
    assert_equal @payroll.lines.size, names.size
  end

  test "needs a login" do
    get export_admin_payroll_path(@payroll)
    assert_redirected_to admin_login_path
  end
end

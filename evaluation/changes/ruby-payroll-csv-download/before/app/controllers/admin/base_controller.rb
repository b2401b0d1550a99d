# frozen_string_literal: true

module Admin
  # Parent of all back-office controllers: one must be logged in as an employee.
  class BaseController < ApplicationController
    layout "admin"

    before_action :require_employee
    around_action :in_employee_zone

    helper_method :current_employee

    private

    def current_employee
      @current_employee ||= Employee.active.find_by(id: session[:employee_id])
    end

    def require_employee
      redirect_to admin_login_path, alert: t("admin.login_first") if current_employee.nil?
    end

    def in_employee_zone(&)
      Time.use_zone(current_employee&.time_zone || "UTC", &)
    end
  end
end

# frozen_string_literal: true

module Admin
  # Payrolls: everybody in the back office finds the menu, but salaries are
  # shown to the payroll role only.
  class PayrollsController < BaseController
    PER_PAGE = 24

    before_action :require_payroll_role, only: %i[index show edit update]
    before_action :set_payroll, only: %i[show edit update]

    def index
      @payrolls = Payroll.order(month: :desc).limit(PER_PAGE)
    end

    def show
      @lines = @payroll.lines.includes(:employee).order("employees.name").references(:employee)
    end

    def edit; end

    def update
      if @payroll.update(payroll_params)
        redirect_to admin_payroll_path(@payroll), notice: t(".saved")
      else
        render :edit, status: :unprocessable_entity
      end
    end

    # How to hand in time sheets; for everybody.
    def help
      @contacts = Employee.active.with_role(:payroll).order(:name)
    end

    private

    def set_payroll
      @payroll = Payroll.find(params[:id])
    end

    def payroll_params
      params.require(:payroll).permit(:note, :paid_on)
    end

    def require_payroll_role
      head :forbidden unless current_employee.role?(:payroll)
    end
  end
end

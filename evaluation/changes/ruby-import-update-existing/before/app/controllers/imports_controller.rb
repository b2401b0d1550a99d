# frozen_string_literal: true

# Upload of a supplier's price list by the purchasing team.
class ImportsController < ApplicationController
  SHOWN_ERRORS = 20

  before_action :require_purchasing

  def new
    @suppliers = Supplier.order(:name)
  end

  def create
    supplier = Supplier.find(params.require(:supplier_id))
    result = ProductImport.new(supplier).call(params.require(:file).to_io)
    flash[:notice] = "#{result.imported} products imported"
    flash[:alert] = result.errors.first(SHOWN_ERRORS).join("\n") if result.errors.any?
    redirect_to supplier_path(supplier)
  end
end

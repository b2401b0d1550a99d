# frozen_string_literal: true

require "csv"

# Reads a supplier's price list into the products table.
class ProductImport
  Result = Struct.new(:created, :updated, :errors, keyword_init: true)

  def initialize(supplier, logger: Rails.logger)
    @supplier = supplier
    @logger = logger
  end

  # Bad rows don't stop the import; they end up in the errors of the result.
  def call(io)
    result = Result.new(created: 0, updated: 0, errors: [])
    CSV.new(io, headers: true, col_sep: ";").each.with_index(2) do |row, line|
      import_row(row, line, result)
    end
    @logger.info(
      "#{@supplier.name}: #{result.created} created, #{result.updated} updated, " \
      "#{result.errors.size} errors"
    )
    result
  end

  private

  def import_row(row, line, result)
    product = Product.find_or_initialize_by(sku: row["sku"], supplier: @supplier)
    known = product.persisted?
    product.update(attributes(row))
    known ? result.updated += 1 : result.created += 1
  rescue ActiveRecord::RecordInvalid => e
    result.errors << "line #{line}: #{e.record.errors.full_messages.to_sentence}"
  rescue ArgumentError => e
    result.errors << "line #{line}: #{e.message}"
  end

  def attributes(row)
    {
      title: row["title"].to_s.strip,
      price: BigDecimal(row["price"].to_s.tr(",", ".")),
      unit: row["unit"].to_s.strip
    }
  end
end

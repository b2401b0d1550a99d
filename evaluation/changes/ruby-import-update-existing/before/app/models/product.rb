# frozen_string_literal: true

class Product < ApplicationRecord
  UNITS = %w[pc kg m l].freeze

  belongs_to :supplier

  validates :sku, presence: true, uniqueness: { scope: :supplier_id }
  validates :title, presence: true, length: { maximum: 120 }
  validates :price, numericality: { greater_than: 0 }
  validates :unit, inclusion: { in: UNITS }

  scope :priced_below, ->(limit) { where(price: ...limit) }

  before_validation { self.title = title.to_s.squish }

  def price_text
    format("%.2f EUR/%s", price, unit)
  end

  def to_s
    "#{sku} #{title}"
  end
end

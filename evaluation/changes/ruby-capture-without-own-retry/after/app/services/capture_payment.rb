# frozen_string_literal: true

require_relative "../../lib/gateway/client"

# Takes the money of an authorised payment.
class CapturePayment
  def initialize(client:, payments:)
    @client = client
    @payments = payments
  end

  # Returns the updated payment. Raises Gateway::Error when the gateway says no
  # or can't be reached.
  def call(payment_id)
    payment = @payments.fetch(payment_id)
    return payment if payment.captured?

    answer = capture(payment)
    @payments.mark_captured(payment.id, answer.fetch("id"))
  end

  private

  def capture(payment)
    @client.post("/captures", authorization: payment.authorization, cents: payment.cents)
  end
end

# frozen_string_literal: true

module Billing
  # Divides an invoice between the members of a shared account.
  class Split
    Share = Struct.new(:member_id, :cents, keyword_init: true)

    def initialize(invoice, member_ids)
      raise ArgumentError, "no members" if member_ids.empty?

      @invoice = invoice
      @member_ids = member_ids.sort
    end

    # Shares in the order of the member ids, each with whole cents.
    def shares
      cents = @invoice.total_cents / @member_ids.size
      @member_ids.map { |id| Share.new(member_id: id, cents: cents) }
    end

    # Books one debit per share, and a credit of the whole for the payer.
    def book(ledger)
      shares.each { |share| ledger.debit(share.member_id, share.cents, @invoice.number) }
      ledger.credit(@invoice.payer_id, @invoice.total_cents, @invoice.number)
    end
  end
end

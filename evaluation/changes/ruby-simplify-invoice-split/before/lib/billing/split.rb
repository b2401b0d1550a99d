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
      amounts = even_amounts(@invoice.total_cents, @member_ids.size)
      @member_ids.zip(amounts).map do |id, cents|
        Share.new(member_id: id, cents: cents)
      end
    end

    # Books one debit per share, and a credit of the whole for the payer.
    def book(ledger)
      shares.each { |share| ledger.debit(share.member_id, share.cents, @invoice.number) }
      ledger.credit(@invoice.payer_id, @invoice.total_cents, @invoice.number)
    end

    private

    def even_amounts(total, count)
      base, rest = total.divmod(count)
      amounts = Array.new(count, base)
      rest.times { |i| amounts[i] += 1 }
      amounts
    end
  end
end

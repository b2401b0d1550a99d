# frozen_string_literal: true

module Bank
  Account = Struct.new(:id, :iban, :owner, :balance_cents, keyword_init: true)

  # Reads accounts from the ledger database.
  class AccountRepo
    class NotFound < StandardError; end

    COLUMNS = "id, iban, owner, balance_cents"

    def initialize(db)
      @db = db
    end

    # The account, or nil for an unknown id.
    def find(id)
      row = @db.get_first_row("SELECT #{COLUMNS} FROM accounts WHERE id = ?", [id])
      row && to_account(row)
    end

    # Raises NotFound for an unknown IBAN.
    def find_by_iban(iban)
      row = @db.get_first_row("SELECT #{COLUMNS} FROM accounts WHERE iban = ?", [iban.delete(" ")])
      raise NotFound, "IBAN #{iban}" if row.nil?

      to_account(row)
    end

    private

    def to_account(row)
      Account.new(id: row[0], iban: row[1], owner: row[2], balance_cents: row[3])
    end
  end
end

# frozen_string_literal: true

require_relative "account_repo"

module Bank
  # Mails the monthly statements. Accounts that were closed after the job was
  # queued are skipped.
  class StatementJob
    def initialize(repo:, mailer:, log:)
      @repo = repo
      @mailer = mailer
      @log = log
    end

    # The number of statements sent.
    def run(account_ids, month)
      account_ids.count { |id| send_one(id, month) }
    end

    private

    def send_one(id, month)
      account = @repo.find(id)
      @mailer.statement(to: account.owner, iban: account.iban, month: month)
      true
    rescue AccountRepo::NotFound
      @log.info("statement #{month}: account #{id} is gone, skipped")
      false
    end
  end
end

# frozen_string_literal: true

require "cgi"
require_relative "account_repo"

module Bank
  # GET /accounts/:id
  class AccountPage
    def initialize(repo)
      @repo = repo
    end

    # A Rack response.
    def call(id)
      account = @repo.find(id)
      return [404, { "content-type" => "text/plain" }, ["no such account"]] if account.nil?

      [200, { "content-type" => "text/html" }, [body(account)]]
    end

    private

    def body(account)
      euros = format("%.2f", account.balance_cents / 100r)
      "<h1>#{CGI.escapeHTML(account.owner)}</h1><p>#{account.iban}: #{euros} EUR</p>"
    end
  end
end

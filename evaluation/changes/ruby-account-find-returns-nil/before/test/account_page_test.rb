# frozen_string_literal: true

require "minitest/autorun"
require_relative "../lib/bank/account_page"

class AccountPageTest < Minitest::Test
  class FakeRepo
    def initialize(accounts)
      @accounts = accounts
    end

    def find(id)
      @accounts.fetch(id) { raise Bank::AccountRepo::NotFound, id.to_s }
    end
  end

  def setup
    account = Bank::Account.new(id: 7, iban: "XX00", owner: "Ann & Co", balance_cents: 1250)
    @page = Bank::AccountPage.new(FakeRepo.new(7 => account))
  end

  def test_shows_the_balance
    status, _, body = @page.call(7)
    assert_equal 200, status
    assert_includes body.join, "12.50 EUR"
    assert_includes body.join, "Ann &amp; Co"
  end

  def test_unknown_account
    status, = @page.call(8)
    assert_equal 404, status
  end
end

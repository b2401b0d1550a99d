# frozen_string_literal: true

require "json"
require "net/http"
require "securerandom"

module Gateway
  class Error < StandardError; end
  class Timeout < Error; end

  # Speaks to the payment gateway. A call that times out is repeated with the
  # same idempotency key, so the gateway carries it out at most once.
  class Client
    ATTEMPTS = 3

    def initialize(http:, token:, pause: 0.5)
      @http = http
      @token = token
      @pause = pause
    end

    def post(path, body)
      request = Net::HTTP::Post.new(path, headers)
      request.body = JSON.generate(body)
      answer = with_retries { @http.request(request) }
      raise Error, "#{path}: #{answer.code}" unless answer.is_a?(Net::HTTPSuccess)

      JSON.parse(answer.body)
    end

    private

    # Made once per call to post, so all attempts share the key.
    def headers
      {
        "Authorization" => "Bearer #{@token}",
        "Content-Type" => "application/json",
        "Idempotency-Key" => SecureRandom.uuid
      }
    end

    def with_retries
      attempt = 0
      begin
        attempt += 1
        yield
      rescue Net::OpenTimeout, Net::ReadTimeout => e
        raise Timeout, e.message if attempt == ATTEMPTS

        sleep(@pause * attempt)
        retry
      end
    end
  end
end

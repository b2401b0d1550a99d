# frozen_string_literal: true

module Pricing
  # A small cache in the memory of one process.
  class MemoryCache
    def initialize(clock: -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) })
      @clock = clock
      @values = {}
      @lock = Mutex.new
    end

    # The stored value, or that of the block, which is kept for `ttl` seconds.
    def fetch(key, ttl:)
      @lock.synchronize do
        value, expires = @values[key]
        return value if expires && @clock.call < expires
      end
      value = yield
      @lock.synchronize { @values[key] = [value, @clock.call + ttl] }
      value
    end

    def clear
      @lock.synchronize { @values.clear }
    end
  end
end

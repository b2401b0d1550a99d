#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rooms {

constexpr std::int64_t kMinutesPerDay = 24 * 60;

/// Half-open: [begin, end) in minutes since the first day of the plan.
struct Booking {
  std::string room;
  std::int64_t begin;
  std::int64_t end;
};

class Calendar {
 public:
  /// Ignores empty bookings.
  void add(Booking booking);

  /// Bookings that take place on `day`, by begin.
  std::vector<Booking> on_day(std::int64_t day) const;

  std::size_t size() const { return bookings_.size(); }

 private:
  std::vector<Booking> bookings_;
};

}  // namespace rooms

#include "calendar.h"

#include <algorithm>
#include <utility>

namespace rooms {

void Calendar::add(Booking booking) {
  if (booking.begin < booking.end) {
    bookings_.push_back(std::move(booking));
  }
}

std::vector<Booking> Calendar::on_day(std::int64_t day) const {
  const std::int64_t first = day * kMinutesPerDay;
  const std::int64_t last = first + kMinutesPerDay;
  std::vector<Booking> out;
  std::copy_if(bookings_.begin(), bookings_.end(), std::back_inserter(out),
               [=](const Booking& b) { return b.begin < last && b.end > first; });
  std::sort(out.begin(), out.end(),
            [](const Booking& a, const Booking& b) { return a.begin < b.begin; });
  return out;
}

}  // namespace rooms

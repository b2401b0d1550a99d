#include "calendar.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rooms {

void Calendar::add(Booking booking) {
  if (booking.begin < booking.end) {
    bookings_.push_back(std::move(booking));
  }
}

void Calendar::split_at_midnight() {
  // Pieces land at the end and are looked at in turn, so a booking over
  // several days is cut more than once.
  for (std::size_t i = 0; i < bookings_.size(); ++i) {
    Booking& booking = bookings_[i];
    const std::int64_t midnight = (booking.begin / kMinutesPerDay + 1) * kMinutesPerDay;
    if (booking.end <= midnight) {
      continue;
    }
    bookings_.push_back(Booking{booking.room, midnight, booking.end});
    booking.end = midnight;
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

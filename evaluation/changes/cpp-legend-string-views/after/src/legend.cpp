#include "legend.h"

#include <algorithm>
#include <iomanip>
#include <string_view>
#include <unordered_set>

namespace chart {

namespace {

// In the order of their first appearance.
std::vector<std::string_view> distinct_labels(const std::vector<Series>& series) {
  std::vector<std::string_view> labels;
  std::unordered_set<std::string_view> seen;
  labels.reserve(series.size());
  for (const Series& s : series) {
    const std::string_view label = s.label();
    if (seen.insert(label).second) {
      labels.push_back(label);
    }
  }
  return labels;
}

}  // namespace

void write_legend(std::ostream& out, const std::vector<Series>& series, std::size_t columns) {
  const std::vector<std::string_view> labels = distinct_labels(series);
  std::size_t width = 0;
  for (const std::string_view label : labels) {
    width = std::max(width, label.size());
  }
  std::size_t column = 0;
  for (const std::string_view label : labels) {
    out << std::left << std::setw(static_cast<int>(width) + 2) << label;
    if (++column == columns) {
      out << '\n';
      column = 0;
    }
  }
  if (column != 0) {
    out << '\n';
  }
}

}  // namespace chart

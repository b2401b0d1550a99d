#include "legend.h"

#include <algorithm>
#include <iomanip>
#include <string>

namespace chart {

namespace {

std::vector<std::string> distinct_labels(const std::vector<Series>& series) {
  std::vector<std::string> labels;
  for (const Series& s : series) {
    const std::string label = s.label();
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) {
      labels.push_back(label);
    }
  }
  return labels;
}

}  // namespace

void write_legend(std::ostream& out, const std::vector<Series>& series, std::size_t columns) {
  const std::vector<std::string> labels = distinct_labels(series);
  std::size_t width = 0;
  for (const std::string& label : labels) {
    width = std::max(width, label.size());
  }
  std::size_t column = 0;
  for (const std::string& label : labels) {
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

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace chart {

class Series {
 public:
  Series(std::string name, std::string unit, std::vector<double> values)
      : name_(std::move(name)), unit_(std::move(unit)), values_(std::move(values)) {}

  const std::string& name() const { return name_; }
  const std::vector<double>& values() const { return values_; }

  /// The name with the unit, as in "load [%]".
  std::string label() const { return unit_.empty() ? name_ : name_ + " [" + unit_ + "]"; }

 private:
  std::string name_;
  std::string unit_;
  std::vector<double> values_;
};

}  // namespace chart

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scan {

/// Paths that the scanner leaves out. Paths use '/' and are relative to the
/// scanned directory.
class IgnoreList {
 public:
  void add(std::string path);
  bool matches(std::string_view path) const;

 private:
  std::vector<std::string> paths_;
};

}  // namespace scan

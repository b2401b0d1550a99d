#include "ignore.h"

#include <algorithm>
#include <utility>

#include "glob.h"

namespace scan {

void IgnoreList::add(std::string pattern) { patterns_.push_back(std::move(pattern)); }

bool IgnoreList::matches(std::string_view path) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [path](const std::string& pattern) { return glob_match(pattern, path); });
}

}  // namespace scan

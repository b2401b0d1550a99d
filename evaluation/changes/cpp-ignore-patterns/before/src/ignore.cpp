#include "ignore.h"

#include <algorithm>
#include <utility>

namespace scan {

void IgnoreList::add(std::string path) { paths_.push_back(std::move(path)); }

bool IgnoreList::matches(std::string_view path) const {
  return std::find(paths_.begin(), paths_.end(), path) != paths_.end();
}

}  // namespace scan

#include "glob.h"

#include <cstddef>
#include <vector>

namespace scan {

// Goes through the pattern once and keeps, for each length of a prefix of the
// path, whether the pattern so far describes that prefix. So the time is the
// product of both lengths at worst, whatever the pattern.
bool glob_match(std::string_view pattern, std::string_view path) {
  std::vector<bool> reach(path.size() + 1, false);
  reach[0] = true;

  for (std::size_t p = 0; p < pattern.size(); ++p) {
    if (pattern[p] == '*') {
      const bool deep = p + 1 < pattern.size() && pattern[p + 1] == '*';
      if (deep) {
        ++p;
      }
      for (std::size_t i = 0; i < path.size(); ++i) {
        if (reach[i] && (deep || path[i] != '/')) {
          reach[i + 1] = true;
        }
      }
      continue;
    }
    // From the back, since reach[i] belongs to the pattern before this step.
    for (std::size_t i = path.size(); i > 0; --i) {
      const char c = path[i - 1];
      const bool fits = pattern[p] == '?' ? c != '/' : c == pattern[p];
      reach[i] = reach[i - 1] && fits;
    }
    reach[0] = false;
  }
  return reach[path.size()];
}

}  // namespace scan

#pragma once

#include <string_view>

namespace scan {

/// True if the pattern describes the whole path:
///
/// - `?` is any one character but '/',
/// - `*` is any number of characters but '/',
/// - `**` is any number of characters,
/// - all others stand for themselves; there is no escape.
bool glob_match(std::string_view pattern, std::string_view path);

}  // namespace scan

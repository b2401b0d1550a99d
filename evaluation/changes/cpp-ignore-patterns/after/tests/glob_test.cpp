#include "../src/glob.h"

#include <iostream>
#include <string>

namespace {

int failures = 0;

void expect(bool wanted, std::string_view pattern, std::string_view path) {
  if (scan::glob_match(pattern, path) != wanted) {
    std::cerr << pattern << (wanted ? " must match " : " must not match ") << path << '\n';
    ++failures;
  }
}

}  // namespace

int main() {
  expect(true, "", "");
  expect(false, "", "a");
  expect(true, "src/main.c", "src/main.c");
  expect(false, "src/main.c", "src/main.cc");

  expect(true, "?.c", "a.c");
  expect(false, "?", "");
  expect(false, "a?b", "a/b");

  expect(true, "*.o", "main.o");
  expect(true, "*.o", ".o");
  expect(false, "*.o", "lib/main.o");
  expect(true, "lib/*", "lib/");
  expect(false, "lib/*", "lib/a/b");

  expect(true, "**.o", "lib/main.o");
  expect(true, "build/**", "build/a/b");
  expect(true, "**/test/*.c", "lib/test/a.c");
  expect(false, "**/test/*.c", "test/a.c");

  expect(false, std::string(40, '*') + "b", std::string(5000, 'a'));

  if (failures == 0) {
    std::cout << "ok\n";
  }
  return failures == 0 ? 0 : 1;
}

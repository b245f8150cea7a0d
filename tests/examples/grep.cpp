// SPDX-License-Identifier: Apache-2.0
// grep -F PATTERN [FILE], as a chain of coroutines: the lines are pushed through it.
#include <fmt/format.h>

#include "models/runtime/sink.hpp"
#include "workloads/text.hpp"

using namespace makespan;

Sink<std::string_view> print() {
  while (const std::string_view* line = co_await next_value) fmt::print("{}\n", *line);
}

Sink<std::string_view> grep(std::string pattern, Sink<std::string_view> out) {
  while (const std::string_view* line = co_await next_value) {
    if (contains(*line, pattern)) out.send(*line);
  }
  out.close();
}

int main(int argc, char** argv) {
  const Text text = Text::read(argc > 2 ? argv[2] : "/dev/stdin");
  Sink<std::string_view> chain = grep(argc > 1 ? argv[1] : "", print());
  for (std::string_view rest = text.bytes(); !rest.empty();) chain.send(take_line(rest, text.line_end()));
  chain.close();
}

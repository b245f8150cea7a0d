// SPDX-License-Identifier: Apache-2.0
// Three tasks at once in one thread: together they take as long as the longest.
#include "models/runtime/gather.hpp"

#include <fmt/format.h>

#include "models/runtime/event_loop.hpp"

using namespace makespan;

Task<int> sleep_and_give(EventLoop& loop, int milliseconds) {
  co_await loop.sleep_for(std::chrono::milliseconds(milliseconds));
  co_return milliseconds;
}

int main() {
  EventLoop loop;
  std::vector<Task<int>> tasks;
  for (const int milliseconds : {300, 100, 200}) tasks.push_back(sleep_and_give(loop, milliseconds));
  for (const int value : loop.run_until_complete(gather(std::move(tasks)))) fmt::print("{}\n", value);
}

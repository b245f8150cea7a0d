// SPDX-License-Identifier: Apache-2.0
#include "models/peers/thread_check.hpp"

#include <fmt/format.h>

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace makespan {

void require_threads(std::uint64_t count) {
  std::atomic<bool> over{false};
  std::vector<std::jthread> threads;
  threads.reserve(count);
  const auto end = [&] {
    over.store(true);
    over.notify_all();
    threads.clear();
  };
  try {
    while (threads.size() < count) threads.emplace_back([&over] { over.wait(false); });
  } catch (const std::system_error& error) {
    const std::size_t refused = threads.size() + 1;
    end();
    throw std::system_error(error.code(), fmt::format("thread {} of {}", refused, count));
  }
  end();
}

}  // namespace makespan

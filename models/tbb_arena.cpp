// SPDX-License-Identifier: Apache-2.0
#include "models/tbb_arena.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>

namespace makespan {

namespace tbb = oneapi::tbb;

TbbArena::TbbArena(std::uint64_t slots)
    : scheduler_(tbb::attach{}),
      // oneTBB caps its workers at the number of cores unless told otherwise, and then silently runs fewer at once.
      limit_(tbb::global_control::max_allowed_parallelism, slots),
      arena_(static_cast<int>(slots)) {
  start_workers(static_cast<int>(slots));
}

// Waits until the workers have ended: destroying an arena alone leaves them.
TbbArena::~TbbArena() {
  arena_.terminate();
  tbb::finalize(scheduler_, std::nothrow);
}

// oneTBB starts threads when it first has work for them. Here every slot is given a task that waits for all the others, so that they
// exist before the first batch; it gives up once nobody new has come for a while, as oneTBB promises no worker.
void TbbArena::start_workers(int slots) {
  constexpr std::chrono::milliseconds patience{500};
  std::mutex mutex;
  std::condition_variable all_here;
  int arrived = 0;
  const auto meet = [&] {
    std::unique_lock lock(mutex);
    if (++arrived == slots) all_here.notify_all();
    for (int seen = -1; arrived < slots && seen != arrived;) {
      seen = arrived;
      all_here.wait_for(lock, patience, [&] { return arrived == slots; });
    }
  };
  for_each(static_cast<std::uint64_t>(slots), [&](std::uint64_t) { meet(); });
}

}  // namespace makespan

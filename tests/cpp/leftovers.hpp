// SPDX-License-Identifier: Apache-2.0
// What a process holds of the system's resources, to be compared before and after.
#pragma once

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(__SANITIZE_THREAD__)
#define MAKESPAN_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MAKESPAN_THREAD_SANITIZER
#endif
#endif

namespace makespan {

struct Holdings {
  std::size_t threads = 0;
  std::size_t files = 0;
  std::size_t shared_mappings = 0;
  std::size_t shared_names = 0;  ///< entries of /dev/shm that belong to this process, by its id in their name
  friend bool operator==(const Holdings&, const Holdings&) = default;
  [[nodiscard]] std::string text() const {
    return fmt::format("{} threads, {} files, {} shared mappings, {} shared names", threads, files, shared_mappings, shared_names);
  }
};

inline std::size_t count_entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

// A line of /proc/self/maps: "55d0-55d8 rw-s 00000000 00:01 5 /dev/zero (deleted)"; the s tells a shared mapping.
inline std::size_t count_shared_mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t flags = line.find(' ');
    if (flags != std::string::npos && line.size() > flags + 4 && line[flags + 4] == 's') ++count;
  }
  return count;
}

inline std::size_t count_shared_names() {
  const std::string id = std::to_string(getpid());
  std::size_t count = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", none)) {
    if (entry.path().filename().string().find(id) != std::string::npos) ++count;
  }
  return count;
}

inline Holdings holdings() {
  return {count_entries("/proc/self/task"), count_entries("/proc/self/fd"), count_shared_mappings(), count_shared_names()};
}

/// Under the thread sanitizer the first thread that a process makes brings along one of the sanitizer's own, which stays.
/// To be called before the holdings are first counted.
inline void settle_sanitizer() {
#if defined(MAKESPAN_THREAD_SANITIZER)
  std::thread([] {}).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
#endif
}

/// Throws if this process has a child, dead or alive, or holds more or less than `before`. A thread that was joined may
/// stay listed for a moment: that is waited for.
inline void require_nothing_left(const Holdings& before) {
  const pid_t child = waitpid(-1, nullptr, WNOHANG);
  if (child >= 0 || errno != ECHILD) throw std::runtime_error(fmt::format("a child is left: waitpid gave {}", child));
  Holdings after = holdings();
  for (int look = 0; look < 500 && after.threads > before.threads; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    after = holdings();
  }
  if (!(after == before)) throw std::runtime_error(fmt::format("before: {}; after: {}", before.text(), after.text()));
}

}  // namespace makespan
